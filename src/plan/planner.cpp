// make_plan: parse, read, decide.
#include "plan/analyzer.hpp"
#include "plan/types.hpp"
#include "plan/walk.hpp"

#include <algorithm>

namespace sealrow::plan {

namespace {

PlanOutcome refused(const Binding& binding, Error error, bool exact) {
  auto plan = std::make_shared<Plan>();
  plan->verdict = Verdict::refuse;
  plan->refusal = std::move(error);
  plan->policy = binding.impl().policy;
  return {std::move(plan), exact};
}

// A text that cannot be parsed goes to the server, which refuses it too and in its own words, unless a newer server
// might understand more of it than we do and it names something protected.
PlanOutcome unparsed(const Binding& binding, const SessionNames& names, const PlanRequest& request,
                     const Error& error) {
  const Binding::Impl& impl = binding.impl();
  const auto scan = sql::scan_words(request.text, names.lexer);
  const bool risky = std::any_of(scan.words.begin(), scan.words.end(), [&](const std::string& word) {
    return impl.words.contains(word) || impl.risky_words.contains(word);
  });
  // An identifier in Unicode escapes may spell any name.
  constexpr std::string_view escapes[] = {"U&\"", "u&\""};
  const bool disguised =
      !sql::is_mysql(names.lexer) && std::any_of(std::begin(escapes), std::end(escapes), [&](std::string_view mark) {
        return request.text.find(mark) != std::string_view::npos;
      });
  if (risky || disguised) return refused(binding, error, true);
  auto plan = std::make_shared<Plan>();
  plan->policy = impl.policy;
  // Also what changes the language of the rest of its text is not parsed (sql/mysql): the server is asked what came
  // out.
  if (sql::is_mysql(names.lexer)) {
    plan->verdict = Verdict::apply;
    plan->statements.emplace_back().effects.emplace_back(SearchPathUnknown{});
  }
  return {std::move(plan), true};
}

bool names_procedure(std::string_view text, const sql::Dialect& dialect) {
  const auto words = sql::scan_words(text, dialect).words;
  return std::find(words.begin(), words.end(), "procedure") != words.end();
}

}  // namespace

bool Outputs::any() const noexcept {
  return std::any_of(columns.begin(), columns.end(),
                     [](const OutputColumn& column) { return !column.readable.empty(); });
}

bool Outputs::fits(std::size_t count) const noexcept { return gap ? count >= columns.size() : count == columns.size(); }

const OutputColumn* Outputs::at(std::size_t position, std::size_t count) const noexcept {
  if (!gap || position < *gap) return &columns[position];
  const std::size_t left_out = count - columns.size();
  return position < *gap + left_out ? nullptr : &columns[position - left_out];
}

PlanOutcome make_plan(const Binding& binding, const SessionNames& names, const PlanRequest& request) {
  if (binding.policy().empty()) {
    auto plan = std::make_shared<Plan>();
    plan->policy = binding.impl().policy;
    return {std::move(plan), false};
  }
  const auto parsed = sql::parse(request.text, names.lexer);
  if (parsed.has_error()) return unparsed(binding, names, request, parsed.error());
  return Analyzer(binding, names, request, *parsed).run();
}

Analyzer::Analyzer(const Binding& binding, const SessionNames& session, const PlanRequest& request,
                   const sql::Parsed& parsed)
    : binding_(binding),
      bound_(binding.impl()),
      session_(session),
      request_(request),
      parsed_(parsed),
      names_(binding.impl(), session),
      mysql_(sql::is_mysql(session.lexer)) {}

Oid Analyzer::type_oid(const sql::TypeName& type) const { return named_oid(type, session_.lexer); }

void Analyzer::refuse_at(ErrorCode code, std::string message, std::string hint, std::string object, sql::Span at) {
  if (refusal_) return;
  refusal_ = Error{code, std::move(message), "", std::move(hint), std::move(object)};
  if (at.end > at.begin) refusal_->offset = at.begin;
}

void Analyzer::refuse(ErrorCode code, std::string message, std::string hint, std::string object, const sql::Expr* at) {
  refuse_at(code, std::move(message), std::move(hint), std::move(object), at ? at->span : sql::Span{});
}

ColumnIndex Analyzer::index_of(const BoundColumn& column) {
  const auto known = std::find(columns_.begin(), columns_.end(), &column);
  if (known != columns_.end()) return static_cast<ColumnIndex>(known - columns_.begin());
  columns_.push_back(&column);
  return static_cast<ColumnIndex>(columns_.size() - 1);
}

std::string Analyzer::display(const Value& value) const {
  return value.columns.empty() ? std::string() : column(value.columns.front()).display;
}

std::optional<std::string> Analyzer::literal_text(const sql::Expr& expr) {
  if (expr.kind != sql::ExprKind::literal || expr.number >= parsed_.literals.size()) return std::nullopt;
  auto text = sql::literal_value(request_.text, parsed_.literals[expr.number], session_.lexer);
  if (text.has_error()) return std::nullopt;
  return std::move(*text);
}

bool Analyzer::touches(const sql::Statement& statement) const {
  const auto* select = std::get_if<sql::Select>(&statement.node);
  const bool may_write = !select || select->with;
  return std::any_of(statement.mentioned.begin(), statement.mentioned.end(), [&](const sql::RelationName& name) {
    const RelationMeaning meaning = names_.relation(name);
    return meaning.matters() ||
           (may_write && meaning.relation && bound_.hidden_writers.contains(meaning.relation->oid));
  });
}

void Analyzer::check_call(const sql::Expr& call, StatementPlan& out) {
  if (call.names.empty()) return;
  const Names::FunctionMeaning meaning = names_.function(call.names);
  if (!mysql_ && !names_.is_known_function(call.names)) note_unknown(function_as_written(call.names), call.span);
  if (meaning.changes_settings) {
    if (bound_.has_tenant_settings()) {
      refuse(ErrorCode::tenant_conflict, "the function " + call.names.back() + "() could change the tenant unseen",
             "set it with SET or SELECT set_config(…), or allow the function in the policy", call.names.back(), &call);
    }
    out.effects.emplace_back(SearchPathUnknown{});
    names_.forget_search_path();
  }
  // These run the SQL, or read the tables, that their arguments name.
  static const std::set<std::string, std::less<>> readers_of_text = {
      "query_to_xml",
      "query_to_xmlschema",
      "query_to_xml_and_xmlschema",
      "cursor_to_xml",
      "cursor_to_xmlschema",
      "table_to_xml",
      "table_to_xmlschema",
      "table_to_xml_and_xmlschema",
      "schema_to_xml",
      "schema_to_xmlschema",
      "schema_to_xml_and_xmlschema",
      "database_to_xml",
      "database_to_xmlschema",
      "database_to_xml_and_xmlschema",
      "ts_stat",
      "dblink",
      "dblink_exec",
      "dblink_open",
      "dblink_send_query",
      "crosstab",
      "crosstab2",
      "crosstab3",
      "crosstab4",
      "crosstabn",
      "connectby",
      "xpath_table",
      "lo_import",
      "pg_read_file",
  };
  const std::string& name = call.names.back();
  const std::string schema = call.names.size() > 1 ? call.names[call.names.size() - 2] : "";
  const bool reads_text = readers_of_text.contains(name) || (name == "ts_rewrite" && call.args.size() == 2);
  if (meaning.risk == FunctionRisk::none && !reads_text) return;
  if (reads_text && bound_.is_allowed(schema.empty() ? "pg_catalog" : schema, name)) return;
  refuse(ErrorCode::hidden_write, "the function " + name + "() could read or write a protected table unseen",
         "allow it in the policy (allowed_functions) after checking what it does",
         (schema.empty() ? "" : schema + ".") + name, &call);
}

void Analyzer::scan_calls(const sql::Statement& statement, StatementPlan& out) {
  const auto* select = std::get_if<sql::Select>(&statement.node);
  std::set<const sql::Expr*> outputs;  // SELECT set_config(…) runs exactly once
  if (select && select->from.empty() && !select->where && !select->left && !select->limit) {
    for (const sql::OutputItem& item : select->output) {
      if (item.expr) outputs.insert(leaf_of(*item.expr));
    }
  }
  for_each_expr(statement, [&](const sql::Expr& expr) {
    if (expr.kind != sql::ExprKind::call) return;
    check_call(expr, out);
    const bool setting = !expr.names.empty() && expr.names.back() == "set_config" &&
                         (expr.names.size() == 1 || expr.names[expr.names.size() - 2] == "pg_catalog");
    if (setting) plan_set_config(expr, outputs.contains(&expr), out);
  });
}

void Analyzer::run_checks() {
  // Checks may find more subqueries and add checks of theirs.
  while (!checks_.empty()) {
    const std::function<void()> check = std::move(checks_.front());
    checks_.pop_front();
    check();
  }
}

void Analyzer::require_all_seen(const sql::Statement& statement) {
  for (const sql::RelationName& name : statement.mentioned) {
    if (!names_.relation(name).matters() || seen_relations_.contains(name.span.begin)) continue;
    refuse_at(ErrorCode::statement_not_understood, "a protected table is used in a way that is not understood",
              "use plain queries and writes on protected tables", name.name, name.span);
  }
}

void Analyzer::plan_query(const sql::Statement& statement, StatementPlan& out) {
  if (!touched_) return;
  const Shape shape = build(statement, nullptr);
  run_checks();
  const auto* select = std::get_if<sql::Select>(&statement.node);
  if (!select || !into_of(*select)) out.outputs = outputs_of(shape);
  plan_parameters(statement, out);
}

OutputColumn Analyzer::output_of(Field& field) {
  const Value value = value_of(field);
  OutputColumn output;
  if (value.is_clear()) return output;
  output.readable = value.columns;
  if (value.kind == Value::Kind::container && value.places && value.places->any_clear) output.places = value.places;
  output.direct = value.kind == Value::Kind::sealed && value.direct && !value.mixed;
  const BoundColumn& first = column(value.columns.front());
  if (is_logical(first)) output.logical_type = first.logical_type;
  return output;
}

// From the first to the last column that stands for unknown ones nothing is opened.
std::optional<std::size_t> Analyzer::cut_out_gap(Outputs& outputs, const Shape& shape) {
  const auto is_rest = [](const Field* field) { return field->rest; };
  const auto first = std::find_if(shape.outputs.begin(), shape.outputs.end(), is_rest);
  const auto last = std::find_if(shape.outputs.rbegin(), shape.outputs.rend(), is_rest).base();
  const bool sealed_inside = first != shape.outputs.end() &&
                             std::any_of(first, last, [&](Field* field) { return !value_of(*field).is_clear(); });
  if (first == shape.outputs.end() || sealed_inside) {
    refuse_unknown_columns(nullptr);
    return std::nullopt;
  }
  const auto begin = first - shape.outputs.begin(), end = last - shape.outputs.begin();
  outputs.columns.erase(outputs.columns.begin() + begin, outputs.columns.begin() + end);
  return static_cast<std::size_t>(begin);
}

Outputs Analyzer::outputs_of(const Shape& shape) {
  Outputs outputs;
  for (Field* field : shape.outputs) outputs.columns.push_back(output_of(*field));
  outputs.kind = Outputs::Kind::columns;
  if (!outputs.any()) return {};
  // PROCEDURE ANALYSE() of MariaDB shows the least and the greatest of what is stored. The word is reserved.
  if (sql::is_mariadb(session_.lexer) && names_procedure(request_.text, session_.lexer)) {
    refuse(ErrorCode::sealed_operand, "PROCEDURE ANALYSE works on stored values, which are sealed",
           "leave out the protected columns", "", nullptr);
  }
  if (!shape.known) outputs.gap = cut_out_gap(outputs, shape);
  return outputs;
}

StatementPlan Analyzer::plan_top(const sql::Statement& statement) {
  StatementPlan out;
  touched_ = touches(statement);
  find_unknown(statement);
  checks_.clear();
  if (!std::holds_alternative<sql::Prepare>(statement.node)) {
    scan_calls(statement, out);
    if (mysql_) find_assigned_variables(statement, out);
    // EXPLAIN alone runs nothing.
    const auto* explain = std::get_if<sql::Explain>(&statement.node);
    if (explain && !explain->analyze) out.effects.clear();
  }
  plan_node(statement, out);
  run_checks();
  settle_catalog_effects(statement, out);
  return out;
}

bool Analyzer::changes_something(const std::vector<StatementPlan>& statements) const {
  return !edits_.empty() || !leaves_.empty() || !builtin_calls_.empty() ||
         std::any_of(statements.begin(), statements.end(), [](const StatementPlan& statement) {
           return statement.outputs.any() || !statement.parameters.empty() || statement.copy ||
                  !statement.effects.empty();
         });
}

void Analyzer::edit_leaf(const sql::Expr& leaf, const Destination& destination) {
  switch (leaf.kind) {
    case sql::ExprKind::literal:
      return edits_.replace_literal(leaf.number, leaf.span.begin, destination, false);
    case sql::ExprKind::constant:
      return edits_.replace_constant(leaf.span, leaf.names[0], destination);
    case sql::ExprKind::op:
      edits_.replace({leaf.span.begin, leaf.span.begin + 1}, "");
      return edits_.replace_literal(leaf.args[0]->number, leaf.args[0]->span.begin, destination, true);
    default:
      return;  // parameters are split later
  }
}

void Analyzer::qualify_builtin_calls() {
  for (const sql::Expr* call : builtin_calls_) {
    const std::uint32_t begin = call->span.begin;
    edits_.replace({begin, begin + 1}, "pg_catalog." + std::string(request_.text.substr(begin, 1)));
  }
}

PlanOutcome Analyzer::finish(std::vector<StatementPlan> statements) {
  exact_ = exact_ || parsed_.exact;
  auto plan = std::make_shared<Plan>();
  for (const auto& [leaf, destination] : leaves_) edit_leaf(*leaf, destination);
  qualify_builtin_calls();
  keep_output_names();
  auto edits = edits_.in_template(request_.text, *request_.shape);
  if (!edits) {
    refuse(ErrorCode::statement_not_understood, "the text of the statement cannot be edited safely",
           "pass values as parameters", "", nullptr);
  }
  const bool reads = std::any_of(statements.begin(), statements.end(), [](const StatementPlan& statement) {
    return statement.outputs.any() || statement.copy;
  });
  if (!session_.utf8 && (reads || !leaves_.empty())) {
    refuse(ErrorCode::client_encoding, "sealed columns need a client character set of UTF-8",
           mysql_ ? "SET NAMES utf8mb4" : "SET client_encoding TO 'UTF8'", "", nullptr);
  }
  plan->policy = bound_.policy;
  plan->unknown_relations.assign(unknown_.begin(), unknown_.end());
  if (refusal_) {
    plan->verdict = Verdict::refuse;
    plan->refusal = std::move(*refusal_);
    return {std::move(plan), exact_};
  }
  if (!changes_something(statements)) return {std::move(plan), exact_};
  plan->verdict = Verdict::apply;
  for (const BoundColumn* bound : columns_) plan->columns.push_back(*bound);
  plan->tenants = std::move(tenants_);
  plan->edits = std::move(*edits);
  plan->statements = std::move(statements);
  plan->notes = std::move(notes_);
  return {std::move(plan), exact_};
}

PlanOutcome Analyzer::run() {
  std::vector<StatementPlan> statements;
  for (const sql::Statement& statement : parsed_.statements) {
    statements.push_back(plan_top(statement));
    if (refusal_) break;
  }
  return finish(std::move(statements));
}

}  // namespace sealrow::plan
