// An immutable set of names in one piece of memory: a server has thousands of functions, and every database its own.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::catalog {

class NamePool {
 public:
  NamePool() = default;
  explicit NamePool(std::vector<std::string_view> names);
  NamePool(std::initializer_list<std::string_view> names) : NamePool(std::vector<std::string_view>(names)) {}
  [[nodiscard]] bool contains(std::string_view name) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
  bool operator==(const NamePool&) const = default;

 private:
  [[nodiscard]] std::string_view at(std::size_t index) const noexcept;

  std::string text_;                 // all names, sorted, without separators
  std::vector<std::uint32_t> ends_;  // where in it each one ends
};

}  // namespace sealrow::catalog
