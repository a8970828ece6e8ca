// Typed, strict reading of one mapping: every key is known by name, every value has one kind and one range. A problem
// is reported and reading goes on; the caller looks at the report at the end.
#pragma once

#include "policy/yaml/document.hpp"
#include "policy/yaml/report.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::policy::yaml {

using Words = std::span<const std::string_view>;

// The keys of one kind of mapping. `later` are keys of the format that this build does not implement: they are an
// error of their own, since ignoring a protection that somebody asked for would be a lie.
struct Keys {
  std::string_view what;  // "a table": for messages
  Words known;
  Words later = {};
};

template <class T>
struct Choice {
  std::string_view name;
  T value;
};

struct Range {
  std::uint64_t least = 0;
  std::uint64_t most = UINT64_MAX;
};

using Duration = std::chrono::milliseconds;

// The word of `words` that was probably meant, or nothing.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word, Words words);
// "did you mean 'x'?", or the list of all words.
[[nodiscard]] std::string suggestion(std::string_view word, Words words);

// Scalar readers. A node of another kind, or out of range, is reported and gives nothing.
[[nodiscard]] std::optional<std::string> read_text(Report& report, const Node& node, std::string_view name);
[[nodiscard]] std::optional<bool> read_flag(Report& report, const Node& node, std::string_view name);
[[nodiscard]] std::optional<std::uint64_t> read_number(Report& report, const Node& node, std::string_view name,
                                                       Range range);
[[nodiscard]] std::optional<std::uint64_t> read_size(Report& report, const Node& node, std::string_view name,
                                                     Range range);
[[nodiscard]] std::optional<Duration> read_duration(Report& report, const Node& node, std::string_view name,
                                                    Range milliseconds);
// Position of the node's word in `words`.
[[nodiscard]] std::optional<std::size_t> read_word(Report& report, const Node& node, std::string_view name, Words words,
                                                   Words later = {});

template <class T, std::size_t n>
[[nodiscard]] std::optional<T> read_choice(Report& report, const Node& node, std::string_view name,
                                           const Choice<T> (&choices)[n], Words later = {}) {
  std::vector<std::string_view> words;
  for (const Choice<T>& choice : choices) words.push_back(choice.name);
  const auto index = read_word(report, node, name, words, later);
  return index ? std::optional<T>(choices[*index].value) : std::nullopt;
}

// The items of a sequence, or the node itself where one value stands for a list of one.
[[nodiscard]] std::span<const Node> items_or_one(const Node& node);

class Fields {
 public:
  // Reports another kind than a mapping, and every key that is not known.
  Fields(Report& report, const Node& node, const Keys& keys);

  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  // Like find; a missing key is reported.
  [[nodiscard]] const Node* require(std::string_view key) const;
  // The place of a key if it is there, else of the mapping.
  [[nodiscard]] Position place(std::string_view key) const;
  [[nodiscard]] bool usable() const noexcept { return node_ != nullptr; }

  // Setters: an absent key leaves the target (the default) as it is.
  void text(std::string_view key, std::string& target) const;
  void flag(std::string_view key, bool& target) const;
  void path(std::string_view key, const std::filesystem::path& folder, std::string& target) const;
  void duration(std::string_view key, Duration& target, Range milliseconds) const;
  template <class T>
  void number(std::string_view key, T& target, Range range) const {
    if (const Node* node = find(key)) {
      if (const auto value = read_number(report_, *node, key, range)) target = static_cast<T>(*value);
    }
  }
  void size(std::string_view key, std::size_t& target, Range range) const;
  template <class T, std::size_t n>
  void choice(std::string_view key, T& target, const Choice<T> (&choices)[n], Words later = {}) const {
    if (const Node* node = find(key)) {
      if (const auto value = read_choice(report_, *node, key, choices, later)) target = *value;
    }
  }

 private:
  void check_keys(const Keys& keys) const;

  Report& report_;
  const Node* node_ = nullptr;  // null unless a mapping
  Position at_;
};

// `version: 1`, required in every file.
void check_version(Report& report, const Fields& fields);

template <class T, std::size_t n>
[[nodiscard]] std::string_view name_of(T value, const Choice<T> (&choices)[n]) {
  for (const Choice<T>& choice : choices) {
    if (choice.value == value) return choice.name;
  }
  return {};
}

}  // namespace sealrow::policy::yaml
