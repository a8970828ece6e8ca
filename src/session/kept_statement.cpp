#include "kept_statement.hpp"

#include "same_plan.hpp"

namespace sealrow::session {

Result<> revalidate(KeptStatement& statement, Environment& environment, const std::string& database,
                    SessionNames& names) {
  const auto binding = environment.binding(database);
  if (!binding) return Error{ErrorCode::catalog_unavailable, "the database's catalog has not been read"};
  if (binding == statement.binding && names.key() == statement.names_key) return {};
  sql::Template shape;
  sql::make_template(statement.text, names.now().lexer, shape);
  const auto now = environment.plans().get(*binding, names.now(), names.key(),
                                           {statement.text, &shape, statement.protocol, &statement.client_types});
  if (!same_plan(*statement.plan, *now)) {
    return Error{ErrorCode::statement_not_understood, "cached plan must not change result type",
                 "the table, the policy or the way names resolve has changed", "prepare the statement again"};
  }
  statement.binding = binding;
  statement.names_key = names.key();
  return {};
}

}  // namespace sealrow::session
