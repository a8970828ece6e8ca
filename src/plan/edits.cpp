#include "plan/edits.hpp"

#include <algorithm>

namespace sealrow::plan {

const Destination* destination_of(const Edit& edit) noexcept {
  if (const auto* literal = std::get_if<ReplaceLiteral>(&edit)) return &literal->destination;
  const auto& text = std::get<ReplaceText>(edit);
  return text.destination ? &*text.destination : nullptr;
}

namespace {

constexpr std::uint32_t placeholder_size = 2, blank_size = 1;

}  // namespace

PositionMap::PositionMap(std::string_view text, const sql::Template& shape) {
  if (shape.exact) return;
  std::uint32_t text_position = 0, shape_position = 0;
  pieces_.push_back({0, 0});
  const auto jump = [&](sql::Span span, std::uint32_t size) {
    shape_position += span.begin - text_position + size;
    text_position = span.end;
    pieces_.push_back({text_position, shape_position});
  };
  auto literal = shape.literals.begin();
  auto comment = shape.comments.begin();
  while (literal != shape.literals.end() || comment != shape.comments.end()) {
    const bool is_literal =
        comment == shape.comments.end() || (literal != shape.literals.end() && literal->span.begin < comment->begin);
    const sql::Span span = is_literal ? (literal++)->span : *comment++;
    if (span.begin < text_position || span.end < span.begin || span.end > text.size()) return;
    jump(span, is_literal ? placeholder_size : blank_size);
  }
  valid_ = shape_position + (text.size() - text_position) == shape.text.size();
}

std::uint32_t PositionMap::operator()(std::uint32_t position) const {
  auto piece = std::upper_bound(pieces_.begin(), pieces_.end(), position,
                                [](std::uint32_t value, const Piece& p) { return value < p.text; });
  --piece;  // the first piece starts at 0
  return piece->shape + (position - piece->text);
}

bool Edits::seal(sql::Span span) const {
  return std::any_of(literals_.begin(), literals_.end(), [&](const PlacedLiteral& literal) {
    return literal.position >= span.begin && literal.position < span.end;
  });
}

bool Edits::change(sql::Span span) const {
  return seal(span) || std::any_of(texts_.begin(), texts_.end(), [&](const ReplaceText& edit) {
           return edit.begin >= span.begin && edit.end <= span.end;
         });
}

std::optional<std::vector<Edit>> Edits::in_template(std::string_view text, const sql::Template& shape) const {
  if (empty()) return std::vector<Edit>();
  const PositionMap map(text, shape);
  if (!map.valid()) return std::nullopt;
  struct Placed {
    std::uint32_t position;
    std::size_t made;
    Edit edit;
  };
  std::vector<Placed> placed;
  for (const ReplaceText& edit : texts_) {
    placed.push_back(
        {map(edit.begin), placed.size(), ReplaceText{map(edit.begin), map(edit.end), edit.text, edit.destination}});
  }
  for (const PlacedLiteral& literal : literals_) placed.push_back({map(literal.position), placed.size(), literal.edit});
  // Insertions at one place stay in the order in which they were made.
  std::sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
    return a.position != b.position ? a.position < b.position : a.made < b.made;
  });
  std::vector<Edit> edits;
  edits.reserve(placed.size());
  for (Placed& each : placed) edits.push_back(std::move(each.edit));
  return edits;
}

}  // namespace sealrow::plan
