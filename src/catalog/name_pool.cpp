#include "sealrow/catalog/name_pool.hpp"

#include <algorithm>

namespace sealrow::catalog {

NamePool::NamePool(std::vector<std::string_view> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::size_t size = 0;
  for (const std::string_view name : names) size += name.size();
  text_.reserve(size);
  ends_.reserve(names.size());
  for (const std::string_view name : names) {
    text_ += name;
    ends_.push_back(static_cast<std::uint32_t>(text_.size()));
  }
}

std::string_view NamePool::at(std::size_t index) const noexcept {
  const std::uint32_t begin = index == 0 ? 0 : ends_[index - 1];
  return std::string_view(text_).substr(begin, ends_[index] - begin);
}

bool NamePool::contains(std::string_view name) const noexcept {
  std::size_t low = 0, high = ends_.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const std::string_view candidate = at(middle);
    if (candidate == name) return true;
    (candidate < name ? low : high) = candidate < name ? middle + 1 : middle;
  }
  return false;
}

}  // namespace sealrow::catalog
