#include "sealrow/session/io.hpp"

namespace sealrow::session {
namespace {
constexpr std::size_t kept_capacity = 64u << 10;
}

void OutBuffer::borrow(ByteView bytes) {
  if (bytes.empty()) return;
  commit_owned();
  size_ += bytes.size();
  if (!parts_.empty()) {
    Part& last = parts_.back();
    if (last.borrowed != nullptr && last.borrowed + last.size == bytes.data()) {
      last.size += bytes.size();
      return;
    }
  }
  parts_.push_back({bytes.data(), 0, bytes.size()});
}

void OutBuffer::append(std::string_view bytes) {
  owned_.append(bytes);
  commit_owned();
}

void OutBuffer::commit_owned() {
  const std::size_t added = owned_.size() - committed_;
  if (added == 0) return;
  if (!parts_.empty() && parts_.back().borrowed == nullptr)
    parts_.back().size += added;
  else
    parts_.push_back({nullptr, committed_, added});
  committed_ = owned_.size();
  size_ += added;
}

void OutBuffer::pieces(std::vector<Piece>& out) const {
  out.clear();
  out.reserve(parts_.size());
  for (const auto& part : parts_) {
    const char* data =
        part.borrowed != nullptr ? reinterpret_cast<const char*>(part.borrowed) : owned_.data() + part.begin;
    out.push_back({data, part.size});
  }
}

void OutBuffer::clear() noexcept {
  parts_.clear();
  if (owned_.capacity() > kept_capacity)
    owned_ = {};
  else
    owned_.clear();
  committed_ = 0;
  size_ = 0;
}

}  // namespace sealrow::session
