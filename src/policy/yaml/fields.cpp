#include "policy/yaml/fields.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>

namespace sealrow::policy::yaml {
namespace {

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "nothing";
    case Kind::scalar:
      return "a single value";
    case Kind::sequence:
      return "a list";
    case Kind::mapping:
      return "a mapping";
  }
  return "";
}

void wrong_kind(Report& report, const Node& node, std::string_view name, std::string_view wanted) {
  report.add(ErrorCode::config_value, node.at,
             std::string(name) + " must be " + std::string(wanted) + ", not " + std::string(kind_name(node.kind)));
}

const std::string* scalar(Report& report, const Node& node, std::string_view name, std::string_view wanted) {
  if (node.kind == Kind::scalar) return &node.text;
  wrong_kind(report, node, name, wanted);
  return nullptr;
}

// Optimal string alignment: a swap of neighbours counts as one slip of the finger.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

struct Unit {
  std::string_view suffix;
  std::uint64_t factor;
};

// "64MiB" → 64 << 20. Digits, then exactly one of the units; nothing on any other spelling or overflow.
std::optional<std::uint64_t> with_unit(std::string_view text, std::span<const Unit> units) {
  std::uint64_t value = 0;
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{}) return std::nullopt;
  std::string_view suffix = text.substr(static_cast<std::size_t>(rest - text.data()));
  while (!suffix.empty() && suffix.front() == ' ') suffix.remove_prefix(1);
  for (const Unit& unit : units) {
    if (unit.suffix != suffix) continue;
    if (value > std::numeric_limits<std::uint64_t>::max() / unit.factor) return std::nullopt;
    return value * unit.factor;
  }
  return std::nullopt;
}

constexpr Unit size_units[] = {{"", 1},           {"B", 1},      {"KiB", 1u << 10}, {"MiB", 1u << 20},
                               {"GiB", 1u << 30}, {"kB", 1'000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}};
constexpr Unit duration_units[] = {{"ms", 1}, {"s", 1'000}, {"min", 60'000}, {"h", 3'600'000}};
constexpr Unit no_units[] = {{"", 1}};

std::string show_size(std::uint64_t bytes) {
  for (const Unit& unit : {size_units[4], size_units[3], size_units[2]}) {
    if (bytes >= unit.factor && bytes % unit.factor == 0)
      return std::to_string(bytes / unit.factor) + std::string(unit.suffix);
  }
  return std::to_string(bytes) + "B";
}

std::string show_duration(std::uint64_t milliseconds) {
  return milliseconds % 1000 == 0 ? std::to_string(milliseconds / 1000) + "s" : std::to_string(milliseconds) + "ms";
}

std::string show_number(std::uint64_t value) { return std::to_string(value); }

std::optional<std::uint64_t> measured(Report& report, const Node& node, std::string_view name, std::string_view wanted,
                                      std::span<const Unit> units, Range range, std::string (*show)(std::uint64_t)) {
  const std::string* text = scalar(report, node, name, wanted);
  if (!text) return std::nullopt;
  const auto value = with_unit(*text, units);
  if (!value) {
    report.add(ErrorCode::config_value, node.at, std::string(name) + " must be " + std::string(wanted));
  } else if (*value < range.least || *value > range.most) {
    report.add(ErrorCode::config_value, node.at,
               std::string(name) + " must lie between " + show(range.least) + " and " + show(range.most));
  } else {
    return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word, Words words) {
  if (word.size() > 64) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t best_distance = word.size() / 3 + 2;  // a third of the letters may be wrong, and at least one
  for (const std::string_view candidate : words) {
    const bool completes = word.size() >= 3 && candidate.substr(0, word.size()) == word;
    const std::size_t distance = completes ? 1 : edit_distance(word, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, Words words) {
  if (const auto meant = nearest(word, words)) return "did you mean " + shown(*meant) + "?";
  std::string list = "known are";
  for (const std::string_view candidate : words) list += (list.size() == 9 ? " " : ", ") + std::string(candidate);
  return list;
}

std::optional<std::string> read_text(Report& report, const Node& node, std::string_view name) {
  const std::string* text = scalar(report, node, name, "a text");
  if (!text) return std::nullopt;
  if (text->empty()) {
    report.add(ErrorCode::config_value, node.at, std::string(name) + " must not be empty");
    return std::nullopt;
  }
  return *text;
}

std::optional<bool> read_flag(Report& report, const Node& node, std::string_view name) {
  const std::string* text = scalar(report, node, name, "true or false");
  if (!text) return std::nullopt;
  if (*text == "true") return true;
  if (*text == "false") return false;
  report.add(ErrorCode::config_value, node.at, std::string(name) + " must be true or false");
  return std::nullopt;
}

std::optional<std::uint64_t> read_number(Report& report, const Node& node, std::string_view name, Range range) {
  return measured(report, node, name, "a whole number", no_units, range, show_number);
}

std::optional<std::uint64_t> read_size(Report& report, const Node& node, std::string_view name, Range range) {
  return measured(report, node, name, "a size such as 64MiB", size_units, range, show_size);
}

std::optional<Duration> read_duration(Report& report, const Node& node, std::string_view name, Range milliseconds) {
  const auto value =
      measured(report, node, name, "a time such as 30s, 500ms or 5min", duration_units, milliseconds, show_duration);
  return value ? std::optional(Duration(*value)) : std::nullopt;
}

std::optional<std::size_t> read_word(Report& report, const Node& node, std::string_view name, Words words,
                                     Words later) {
  const std::string* text = scalar(report, node, name, "one word");
  if (!text) return std::nullopt;
  if (const auto hit = std::find(words.begin(), words.end(), *text); hit != words.end()) {
    return static_cast<std::size_t>(hit - words.begin());
  }
  if (std::find(later.begin(), later.end(), *text) != later.end()) {
    report.add(ErrorCode::config_value, node.at,
               std::string(name) + " " + shown(*text) + " is not implemented by this build");
  } else {
    report.add(ErrorCode::config_value, node.at, std::string(name) + " " + shown(*text) + " is not known",
               suggestion(*text, words));
  }
  return std::nullopt;
}

std::span<const Node> items_or_one(const Node& node) {
  return node.kind == Kind::sequence ? std::span<const Node>(node.items) : std::span<const Node>(&node, 1);
}

Fields::Fields(Report& report, const Node& node, const Keys& keys) : report_(report), at_(node.at) {
  if (node.kind != Kind::mapping) {
    wrong_kind(report, node, keys.what, "a mapping");
    return;
  }
  node_ = &node;
  check_keys(keys);
}

void Fields::check_keys(const Keys& keys) const {
  for (const Entry& entry : node_->entries) {
    if (std::find(keys.known.begin(), keys.known.end(), entry.key) != keys.known.end()) continue;
    if (std::find(keys.later.begin(), keys.later.end(), entry.key) != keys.later.end()) {
      report_.add(ErrorCode::config_unknown_key, entry.at,
                  "key " + shown(entry.key) + " is not implemented by this build",
                  "remove it: a setting without effect would be a false promise");
    } else {
      report_.add(ErrorCode::config_unknown_key, entry.at,
                  "unknown key " + shown(entry.key) + " in " + std::string(keys.what),
                  suggestion(entry.key, keys.known));
    }
  }
}

const Node* Fields::find(std::string_view key) const {
  if (!node_) return nullptr;
  for (const Entry& entry : node_->entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

const Node* Fields::require(std::string_view key) const {
  const Node* node = find(key);
  if (!node && node_) report_.add(ErrorCode::config_value, at_, "key " + shown(key) + " is missing");
  return node;
}

Position Fields::place(std::string_view key) const {
  if (node_) {
    for (const Entry& entry : node_->entries) {
      if (entry.key == key) return entry.at;
    }
  }
  return at_;
}

void Fields::text(std::string_view key, std::string& target) const {
  if (const Node* node = find(key)) {
    if (auto value = read_text(report_, *node, key)) target = std::move(*value);
  }
}

void Fields::flag(std::string_view key, bool& target) const {
  if (const Node* node = find(key)) {
    if (const auto value = read_flag(report_, *node, key)) target = *value;
  }
}

void Fields::path(std::string_view key, const std::filesystem::path& folder, std::string& target) const {
  std::string given;
  text(key, given);
  if (!given.empty()) target = (folder / given).lexically_normal().string();
}

void Fields::duration(std::string_view key, Duration& target, Range milliseconds) const {
  if (const Node* node = find(key)) {
    if (const auto value = read_duration(report_, *node, key, milliseconds)) target = *value;
  }
}

void Fields::size(std::string_view key, std::size_t& target, Range range) const {
  if (const Node* node = find(key)) {
    if (const auto value = read_size(report_, *node, key, range)) target = static_cast<std::size_t>(*value);
  }
}

void check_version(Report& report, const Fields& fields) {
  const Node* node = fields.require("version");
  if (node && !(node->kind == Kind::scalar && node->text == "1")) {
    report.add(ErrorCode::config_value, node->at, "this build reads version 1 only", "write 'version: 1'");
  }
}

}  // namespace sealrow::policy::yaml
