#include "plan/places.hpp"

#include <algorithm>
#include <array>

namespace sealrow::plan {

namespace {

constexpr std::uint32_t max_size = 20000;

// null: too large.
PlacesPtr finished(Places&& places) {
  std::uint64_t size = 1;
  for (const PlacesPtr& part : places.parts) {
    size += part->size;
    places.any_clear = places.any_clear || part->any_clear;
    places.any_sealed = places.any_sealed || part->any_sealed;
  }
  if (size > max_size) return nullptr;
  places.size = static_cast<std::uint32_t>(size);
  return std::make_shared<const Places>(std::move(places));
}

PlacesPtr merged_list(const PlacesPtr& list, const PlacesPtr& other) {
  PlacesPtr part = list->parts[0];
  for (const PlacesPtr& each : other->parts) {
    part = merged_places(part, each);
    if (!part) return nullptr;
  }
  return list_places(std::move(part));
}

PlacesPtr merged_members(const Places& a, const Places& b) {
  if (a.parts.size() != b.parts.size() || a.names != b.names) return nullptr;
  std::vector<PlacesPtr> parts;
  for (std::size_t i = 0; i < a.parts.size(); ++i) {
    parts.push_back(merged_places(a.parts[i], b.parts[i]));
    if (!parts.back()) return nullptr;
  }
  return member_places(std::move(parts), a.names);
}

}  // namespace

const Places* Places::element(std::size_t position) const noexcept {
  if (kind == Kind::list) return parts[0].get();
  if (kind == Kind::members) return position < parts.size() ? parts[position].get() : nullptr;
  return this;
}

const Places* Places::member(std::string_view name) const noexcept {
  if (kind == Kind::list) return parts[0].get();
  if (kind != Kind::members) return this;
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? nullptr : parts[static_cast<std::size_t>(found - names.begin())].get();
}

PlacesPtr leaf_places(Places::Kind kind) {
  static const auto leaves = [] {
    std::array<PlacesPtr, 3> made;
    for (const auto each : {Places::Kind::harmless, Places::Kind::clear, Places::Kind::sealed}) {
      Places leaf;
      leaf.kind = each;
      leaf.any_clear = each == Places::Kind::clear;
      leaf.any_sealed = each == Places::Kind::sealed;
      made[static_cast<std::size_t>(each)] = std::make_shared<const Places>(std::move(leaf));
    }
    return made;
  }();
  return leaves[static_cast<std::size_t>(kind)];
}

PlacesPtr list_places(PlacesPtr part) {
  if (!part) return nullptr;
  Places list;
  list.kind = Places::Kind::list;
  list.parts.push_back(std::move(part));
  return finished(std::move(list));
}

PlacesPtr member_places(std::vector<PlacesPtr> parts, std::vector<std::string> names) {
  std::vector<std::size_t> order(names.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return names[a] < names[b]; });
  for (std::size_t i = 1; i < order.size(); ++i) {
    PlacesPtr &one = parts[order[i - 1]], &other = parts[order[i]];
    if (names[order[i - 1]] != names[order[i]]) continue;
    one = other = merged_places(one, other);
    if (!one) return nullptr;
  }
  // Of three equal names the first knows only the second by now.
  for (std::size_t i = order.size(); i-- > 1;) {
    if (names[order[i - 1]] == names[order[i]]) parts[order[i - 1]] = parts[order[i]];
  }
  Places members;
  members.kind = Places::Kind::members;
  members.names = std::move(names);
  members.parts = std::move(parts);
  return finished(std::move(members));
}

PlacesPtr merged_places(const PlacesPtr& a, const PlacesPtr& b) {
  if (!a || !b || a == b) return a && b ? a : nullptr;
  if (!a->any_clear && !a->any_sealed) return b;
  if (!b->any_clear && !b->any_sealed) return a;
  if (!a->any_sealed && !b->any_sealed) return leaf_places(Places::Kind::clear);
  if (!a->any_clear && !b->any_clear) return leaf_places(Places::Kind::sealed);
  const auto composed = [](const PlacesPtr& p) { return !p->parts.empty(); };
  if (!composed(a) || !composed(b)) return nullptr;
  if (a->kind == Places::Kind::list) return merged_list(a, b);
  if (b->kind == Places::Kind::list) return merged_list(b, a);
  return merged_members(*a, *b);
}

PlacesPtr flat_places(const PlacesPtr& whole) {
  if (!whole || (whole->any_clear && whole->any_sealed)) return nullptr;
  return leaf_places(whole->any_sealed  ? Places::Kind::sealed
                     : whole->any_clear ? Places::Kind::clear
                                        : Places::Kind::harmless);
}

}  // namespace sealrow::plan
