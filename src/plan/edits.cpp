#include "plan/edits.hpp"

#include <algorithm>

namespace sealrow::plan {

const Destination* destination_of(const Edit& edit) noexcept {
  if (const auto* literal = std::get_if<ReplaceLiteral>(&edit)) return &literal->destination;
  const auto& text = std::get<ReplaceText>(edit);
  return text.destination ? &*text.destination : nullptr;
}

namespace {

constexpr std::size_t placeholder_size = 2;

std::size_t end_of_comment(std::string_view text, std::size_t begin) {
  if (text.substr(begin, 2) == "--") return std::min(text.find_first_of("\r\n", begin), text.size());
  std::size_t depth = 0;
  for (std::size_t i = begin; i + 1 < text.size();) {
    const std::string_view pair = text.substr(i, 2);
    if (pair == "/*") {
      ++depth;
      i += 2;
    } else if (pair == "*/") {
      i += 2;
      if (--depth == 0) return i;
    } else {
      ++i;
    }
  }
  return text.size();
}

bool starts_comment(std::string_view rest) { return rest.substr(0, 2) == "--" || rest.substr(0, 2) == "/*"; }

}  // namespace

PositionMap::PositionMap(std::string_view text, const sql::postgres::Template& shape) {
  if (shape.exact) return;
  std::size_t i = 0, j = 0, literal = 0;
  pieces_.push_back({0, 0});
  const auto jump = [&](std::size_t to, std::size_t length) {
    i = to;
    j += length;
    pieces_.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j)});
  };
  while (i < text.size()) {
    if (literal < shape.literals.size() && i == shape.literals[literal].span.begin) {
      jump(shape.literals[literal++].span.end, placeholder_size);
    } else if (j < shape.text.size() && text[i] == shape.text[j]) {
      ++i;
      ++j;
    } else if (j < shape.text.size() && shape.text[j] == ' ' && starts_comment(text.substr(i))) {
      jump(end_of_comment(text, i), 1);
    } else {
      return;
    }
  }
  valid_ = i == text.size() && j == shape.text.size() && literal == shape.literals.size();
}

std::uint32_t PositionMap::operator()(std::uint32_t position) const {
  auto piece = std::upper_bound(pieces_.begin(), pieces_.end(), position,
                                [](std::uint32_t value, const Piece& p) { return value < p.text; });
  --piece;  // the first piece starts at 0
  return piece->shape + (position - piece->text);
}

std::optional<std::vector<Edit>> Edits::in_template(std::string_view text, const sql::postgres::Template& shape) const {
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
