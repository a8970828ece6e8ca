// ProtectedTraffic: values of the client that stay as they are, in statements whose rows are opened. An envelope among
// them would come back opened: the client would have made a decryption oracle of what it stole elsewhere.
#include "protected_traffic.hpp"

#include <algorithm>

namespace sealrow::session::postgres {

namespace {

Error foreign_envelope() {
  return Error{ErrorCode::envelope_from_client, "a value of the statement looks like a sealed value",
               "the statement also reads sealed columns", "read stored values by their column"};
}

bool opens_copy(const plan::StatementPlan& body) {
  return body.copy &&
         std::ranges::any_of(body.copy->outputs, [](const plan::OutputColumn& c) { return !c.readable.empty(); });
}

}  // namespace

bool ProtectedTraffic::opens(const plan::StatementPlan& body) {
  if (body.outputs.any() || opens_copy(body)) return true;
  return std::ranges::any_of(body.effects, [](const plan::Effect& effect) {
    const auto* prepare = std::get_if<plan::PrepareEffect>(&effect);
    return prepare != nullptr && prepare->body && opens(*prepare->body);
  });
}

Result<> ProtectedTraffic::check_clear_value(Format format, Oid type, std::string_view value) {
  const ReadGate nobody;
  KeyGather unused(environment_.keys());
  if (CellOpener(unused, environment_.sealer(), nobody).finds(format, type, value)) return foreign_envelope();
  return {};
}

Result<> ProtectedTraffic::check_clear_literals(std::string_view text, const plan::Plan& plan) {
  if (std::ranges::none_of(plan.statements, opens)) return {};
  // The literals are not known: what is written with escapes cannot be told either.
  if (scratch().shape.exact && text.find_first_of("\\&") != std::string_view::npos) return foreign_envelope();
  if (scratch().shape.exact) return check_clear_value(Format::text, oid::text, text);
  for (const auto& literal : scratch().shape.literals) {
    using Kind = sql::LiteralKind;
    const bool text_kind = literal.kind == Kind::string || literal.kind == Kind::escape_string ||
                           literal.kind == Kind::unicode_string || literal.kind == Kind::dollar_string;
    if (!text_kind) continue;
    SEALROW_TRY(const std::string value, sql::literal_value(text, literal, names_.now().lexer));
    SEALROW_CHECK(check_clear_value(Format::text, oid::text, value));
  }
  return {};
}

}  // namespace sealrow::session::postgres
