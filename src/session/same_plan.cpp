#include "same_plan.hpp"

#include <algorithm>

namespace sealrow::session {

namespace {

bool same_column(const plan::BoundColumn& a, const plan::BoundColumn& b) {
  return a.table->id == b.table->id && a.table->schema == b.table->schema && a.table->name == b.table->name &&
         a.column->id == b.column->id && a.column->type == b.column->type && a.column->search == b.column->search &&
         a.column->domain == b.column->domain && a.storage == b.storage && a.max_characters == b.max_characters;
}

bool same_places(const plan::Places* a, const plan::Places* b) {
  if (a == b || a == nullptr || b == nullptr) return a == b;
  return a->kind == b->kind && a->names == b->names && a->size == b->size &&
         std::ranges::equal(a->parts, b->parts,
                            [](const auto& x, const auto& y) { return same_places(x.get(), y.get()); });
}

bool same_outputs(const plan::Outputs& a, const plan::Outputs& b) {
  return a.kind == b.kind && a.gap == b.gap &&
         std::ranges::equal(a.columns, b.columns, [](const auto& x, const auto& y) {
           return x.readable == y.readable && x.direct == y.direct && x.logical_type == y.logical_type &&
                  same_places(x.places.get(), y.places.get());
         });
}

bool same_destination(const std::optional<plan::Destination>& a, const std::optional<plan::Destination>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || (a->purpose == b->purpose && a->column == b->column && a->tenant == b->tenant);
}

bool same_parameters(const plan::StatementPlan& a, const plan::StatementPlan& b) {
  return std::ranges::equal(a.parameters, b.parameters, [](const auto& x, const auto& y) {
    return std::ranges::equal(x.sent, y.sent, [](const auto& s, const auto& t) {
      return s.sent_as == t.sent_as && s.physical_type == t.physical_type &&
             same_destination(s.destination, t.destination);
    });
  });
}

bool same_edit(const plan::Edit& a, const plan::Edit& b) {
  if (a.index() != b.index()) return false;
  if (const auto* text = std::get_if<plan::ReplaceText>(&a)) {
    const auto& other = std::get<plan::ReplaceText>(b);
    return text->begin == other.begin && text->end == other.end && text->text == other.text &&
           same_destination(text->destination, other.destination);
  }
  const auto &x = std::get<plan::ReplaceLiteral>(a), &y = std::get<plan::ReplaceLiteral>(b);
  return x.negative == y.negative && same_destination(x.destination, y.destination);
}

}  // namespace

bool same_plan(const plan::Plan& a, const plan::Plan& b) {
  if (a.verdict != b.verdict || b.verdict == plan::Verdict::refuse) return false;
  if (a.verdict == plan::Verdict::pass) return true;
  return std::ranges::equal(a.columns, b.columns, same_column) && std::ranges::equal(a.edits, b.edits, same_edit) &&
         std::ranges::equal(a.statements, b.statements, [](const auto& x, const auto& y) {
           return same_outputs(x.outputs, y.outputs) && same_parameters(x, y);
         });
}

}  // namespace sealrow::session
