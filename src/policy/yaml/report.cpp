#include "policy/yaml/report.hpp"

#include <algorithm>

namespace sealrow::policy::yaml {

void Report::add(ErrorCode code, Position at, std::string message, std::string hint) {
  if (found_.size() >= max_errors) {
    ++dropped_;
    return;
  }
  const std::string place = file_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  const auto next = std::upper_bound(found_.begin(), found_.end(), at,
                                     [](Position p, const Problem& problem) { return p < problem.at; });
  found_.insert(next, {at, Error{code, std::move(message), "", std::move(hint), place}});
}

std::vector<Error> Report::take() {
  std::vector<Error> errors;
  errors.reserve(found_.size() + 1);
  for (Problem& problem : found_) errors.push_back(std::move(problem.error));
  if (dropped_ > 0) {
    errors.push_back(
        {ErrorCode::config_syntax, std::to_string(dropped_) + " more problems are not shown", "", "", file_});
  }
  found_.clear();
  return errors;
}

std::string shown(std::string_view text) {
  constexpr std::size_t limit = 64;
  std::string out = "'";
  std::size_t end = std::min(text.size(), limit);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  for (const char c : text.substr(0, end)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  if (end < text.size()) out += "…";
  return out + "'";
}

}  // namespace sealrow::policy::yaml
