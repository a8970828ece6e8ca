// Visits every expression of a statement, wherever it stands. The one place that lists the AST's branches.
#pragma once

#include "sealrow/sql/ast.hpp"

#include <functional>
#include <set>
#include <string>

namespace sealrow::plan {

using ExprVisitor = std::function<void(const sql::Expr&)>;
void for_each_expr(const sql::Statement& statement, const ExprVisitor& visit);
void for_each_expr(const sql::Expr& expr, const ExprVisitor& visit);
// Names of all common table expressions, at any depth.
[[nodiscard]] std::set<std::string> named_queries(const sql::Statement& statement);

}  // namespace sealrow::plan
