// Strong identifier types: a tenant cannot be passed where a table is expected.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace sealrow {

template <class Tag, class Value>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(Value value) : value_(std::move(value)) {}
  [[nodiscard]] const Value& value() const noexcept { return value_; }
  friend bool operator==(const StrongId&, const StrongId&) = default;
  friend auto operator<=>(const StrongId&, const StrongId&) = default;

 private:
  Value value_{};
};

using TenantId = StrongId<struct TenantTag, std::string>;  // canonical spelling, never empty once resolved
using TableId = StrongId<struct TableTag, std::string>;    // stable id of the policy, survives renames
using ColumnId = StrongId<struct ColumnTag, std::string>;  // stable id of the policy, survives renames
using DomainId = StrongId<struct DomainTag, std::string>;  // key domain: "general", "pii", ...
using KeyId = StrongId<struct KeyTag, std::uint64_t>;      // random; in every envelope header
using Oid = std::uint32_t;                                 // PostgreSQL object id

}  // namespace sealrow

template <class Tag, class Value>
struct std::hash<sealrow::StrongId<Tag, Value>> {
  std::size_t operator()(const sealrow::StrongId<Tag, Value>& id) const noexcept {
    return std::hash<Value>{}(id.value());
  }
};
