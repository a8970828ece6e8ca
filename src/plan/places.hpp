// Where sealed values stand inside of arrays, records and JSON documents that a statement builds.
#pragma once

#include "sealrow/plan/plan.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sealrow::plan {

using PlacesPtr = std::shared_ptr<const Places>;

[[nodiscard]] PlacesPtr leaf_places(Places::Kind kind);
[[nodiscard]] PlacesPtr list_places(PlacesPtr part);
// The rest gives null where a place may hold both a sealed value and a text from anywhere, or where the picture becomes
// too large.
// `names` empty or parallel to `parts`. JSON keeps one of several members of the same name, or both.
[[nodiscard]] PlacesPtr member_places(std::vector<PlacesPtr> parts, std::vector<std::string> names);
// Either of two values.
[[nodiscard]] PlacesPtr merged_places(const PlacesPtr& a, const PlacesPtr& b);
// Some part of a value, nobody knows which.
[[nodiscard]] PlacesPtr flat_places(const PlacesPtr& whole);

}  // namespace sealrow::plan
