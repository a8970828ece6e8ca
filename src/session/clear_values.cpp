#include "clear_values.hpp"

#include "keys.hpp"
#include "open.hpp"

#include <algorithm>

namespace sealrow::session {

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

bool opens(const plan::StatementPlan& body) {
  if (body.outputs.any() || opens_copy(body)) return true;
  return std::ranges::any_of(body.effects, [](const plan::Effect& effect) {
    const auto* prepare = std::get_if<plan::PrepareEffect>(&effect);
    return prepare != nullptr && prepare->body && opens(*prepare->body);
  });
}

Result<> ClearValues::check(Format format, Oid type, std::string_view value) {
  const ReadGate nobody;
  KeyGather unused(keys_);
  if (CellOpener(unused, sealer_, nobody).finds(format, type, value)) return foreign_envelope();
  return {};
}

// In MySQL hexadecimal literals are strings of bytes; in PostgreSQL none of these kinds is.
Result<> ClearValues::check_literals(const StatementText& statement) {
  if (std::ranges::none_of(statement.plan.statements, opens)) return {};
  // The literals are not known: what is written with escapes cannot be told either.
  if (statement.shape.exact && statement.text.find_first_of("\\&") != std::string_view::npos) return foreign_envelope();
  if (statement.shape.exact) return check(Format::text, oid::text, statement.text);
  for (std::uint32_t i = 0; i < statement.shape.literals.size(); ++i) {
    using Kind = sql::LiteralKind;
    const Kind kind = statement.shape.literals[i].kind;
    const bool text_kind = kind == Kind::string || kind == Kind::escape_string || kind == Kind::unicode_string ||
                           kind == Kind::dollar_string;
    const bool bytes_kind = kind == Kind::hex_string && sql::is_mysql(statement.dialect);
    if (!text_kind && !bytes_kind) continue;
    SEALROW_TRY(const std::string value, statement.literal(i));
    SEALROW_CHECK(check(Format::text, oid::text, value));
    if (bytes_kind) SEALROW_CHECK(check(Format::binary, oid::bytea, value));
  }
  return {};
}

}  // namespace sealrow::session
