// A YAML document as a plain tree with positions. Built from yaml-cpp's events rather than its nodes, so that what a
// configuration file has no use for and what could hurt (anchors and aliases, tags, a second document, duplicate keys,
// deep nesting) is refused while it is read.
#pragma once

#include "policy/yaml/report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::policy::yaml {

enum class Kind : std::uint8_t { null, scalar, sequence, mapping };

struct Entry;

struct Node {
  Kind kind = Kind::null;
  Position at;
  std::string text;            // scalar
  std::vector<Node> items;     // sequence
  std::vector<Entry> entries;  // mapping, in the file's order, keys unique
};

struct Entry {
  std::string key;
  Position at;
  Node value;
};

inline constexpr std::size_t max_file_size = 1u << 20;
inline constexpr std::size_t max_depth = 24;
inline constexpr std::size_t max_nodes = 100'000;

// Empty if the text is not one well-formed document; problems go to the report either way.
[[nodiscard]] std::optional<Node> parse(std::string_view text, Report& report);

}  // namespace sealrow::policy::yaml
