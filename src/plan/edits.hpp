// Edits of the statement text: gathered in positions of the parsed text, handed over in positions of its template.
#pragma once

#include "sealrow/plan/planner.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::plan {

// Positions of a text in its template: literals became two-byte placeholders, comments one blank.
class PositionMap {
 public:
  PositionMap(std::string_view text, const sql::Template& shape);
  // False: text and template do not belong together (never for a template that make_template() made).
  [[nodiscard]] bool valid() const noexcept { return valid_; }
  [[nodiscard]] std::uint32_t operator()(std::uint32_t position) const;

 private:
  struct Piece {
    std::uint32_t text, shape;  // equal bytes from here on
  };
  std::vector<Piece> pieces_;
  bool valid_ = false;
};

class Edits {
 public:
  void insert(std::uint32_t position, std::string text) { texts_.push_back({position, position, std::move(text)}); }
  void replace(sql::Span span, std::string text) { texts_.push_back({span.begin, span.end, std::move(text)}); }
  void replace_literal(std::uint32_t literal, std::uint32_t position, const Destination& destination, bool negative) {
    literals_.push_back({position, {literal, destination, negative}});
  }
  void replace_constant(sql::Span span, std::string value, const Destination& destination) {
    texts_.push_back({span.begin, span.end, std::move(value), destination});
  }
  // Something within the span is changed; a value within it is replaced.
  [[nodiscard]] bool change(sql::Span span) const;
  [[nodiscard]] bool seal(sql::Span span) const;
  [[nodiscard]] bool empty() const noexcept { return texts_.empty() && literals_.empty(); }
  // None: the text could not be mapped onto its template.
  [[nodiscard]] std::optional<std::vector<Edit>> in_template(std::string_view text, const sql::Template& shape) const;

 private:
  struct PlacedLiteral {
    std::uint32_t position;
    ReplaceLiteral edit;
  };
  std::vector<ReplaceText> texts_;
  std::vector<PlacedLiteral> literals_;
};

}  // namespace sealrow::plan
