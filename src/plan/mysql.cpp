// What only MySQL and MariaDB have: SET with its system and user variables, prepared texts, CALL, LOAD DATA, names of
// the select list in HAVING, the tag's own column.
#include "plan/analyzer.hpp"
#include "plan/index_statements.hpp"
#include "plan/walk.hpp"

#include <algorithm>
#include <array>

namespace sealrow::plan {

namespace {

std::string lower(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

// A byte below 0x80 may be part of a longer character, or means another character than in ASCII: statements cannot be
// read byte by byte.
constexpr std::array<std::string_view, 11> unreadable_sets = {"big5", "cp932", "gb18030", "gbk",   "sjis",  "swe7",
                                                              "ucs2", "utf16", "utf16le", "utf32", "tis620"};

bool is_unreadable(std::string_view set) {
  return std::find(unreadable_sets.begin(), unreadable_sets.end(), set) != unreadable_sets.end();
}

bool is_constant_source(const sql::Expr& expr) {
  return expr.kind == sql::ExprKind::literal || expr.kind == sql::ExprKind::parameter || is_null_constant(expr);
}

}  // namespace

const sql::Select* into_of(const sql::Select& select) {
  if (select.into_kind != sql::IntoKind::none) return &select;
  const sql::Select* found = nullptr;
  for (const sql::Select* side : {select.left.get(), select.right.get()}) {
    if (side && !found) found = into_of(*side);
  }
  for (const sql::FromPtr& item : select.from) {
    if (item && item->query && !found) found = into_of(*item->query);
  }
  return found;
}

std::string_view Analyzer::written(const sql::Expr& expr) const {
  return request_.text.substr(expr.span.begin, expr.span.end - expr.span.begin);
}

// ---- SET ----------------------------------------------------------------------------------------------------------

void Analyzer::plan_set_variables(const sql::SetVariables& set, StatementPlan& out) {
  for (const sql::SetVariable& item : set.items) {
    if (touched_ && item.value) {
      Scope& scope = *new_scope(nullptr);
      if (const Value value = eval(*item.value, scope); !value.is_clear()) {
        refuse(ErrorCode::sealed_to_clear, "a sealed value would be put into a variable",
               "read the value into the application", display(value), item.value.get());
      }
    }
    if (item.scope == sql::VariableScope::user) {
      plan_user_variable(item, out);
    } else if (item.scope == sql::VariableScope::session) {  // the others hold for sessions to come
      plan_system_variable(item, out);
    }
  }
  run_checks();
}

void Analyzer::plan_user_variable(const sql::SetVariable& item, StatementPlan& out) {
  const std::string name = "@" + lower(item.name);
  if (!bound_.tracked_settings.contains(name)) return;
  if (!item.value || !is_constant_source(*item.value)) {
    out.effects.emplace_back(SearchPathUnknown{});
    return;
  }
  SetSetting effect;
  effect.name = name;
  if (item.value->kind == sql::ExprKind::literal) effect.input = LiteralRef{item.value->number};
  if (item.value->kind == sql::ExprKind::parameter) effect.input = ParameterRef{item.value->number};
  out.effects.emplace_back(std::move(effect));
}

void Analyzer::plan_system_variable(const sql::SetVariable& item, StatementPlan& out) {
  const std::string name = lower(item.name);
  const std::string value = item.values.empty() ? std::string() : item.values[0];
  if (name == "names" || name == "character_set") {
    for (const char* set : {"character_set_client", "character_set_results"}) {
      plan_character_set(set, item.reset ? std::string_view() : value, out);
    }
    // SET CHARACTER SET makes the connection's that of the database.
    plan_character_set("character_set_connection", item.reset || name != "names" ? std::string_view() : value, out);
  } else if (name == "sql_mode") {
    plan_sql_mode(item, out);
  } else if (name == "database") {
    SetSetting effect;
    effect.name = name;
    effect.value = value;
    out.effects.emplace_back(std::move(effect));
    names_.forget_search_path();
  } else if (bound_.tracked_settings.contains(name)) {
    // A computed one, as dumps restore it, is asked for before the next text is read.
    plan_character_set(name, item.reset ? std::string_view() : value, out);
    if (name == "collation_connection") out.effects.emplace_back(SearchPathUnknown{});  // sets the character set too
  }
}

void Analyzer::plan_character_set(const std::string& name, std::string_view value, StatementPlan& out) {
  const std::string set = lower(value);
  if (is_unreadable(set.substr(0, set.find('_')))) {
    refuse(ErrorCode::client_encoding, "statements in this character set cannot be read with certainty",
           "SET NAMES utf8mb4", set, nullptr);
  }
  if (set.empty()) {
    out.effects.emplace_back(SearchPathUnknown{});
    return;
  }
  SetSetting effect;
  effect.name = name;
  effect.value = set;
  out.effects.emplace_back(std::move(effect));
}

void Analyzer::plan_sql_mode(const sql::SetVariable& item, StatementPlan& out) {
  const bool computed = item.reset || item.values.size() != 1;
  sql::mysql::LexerOptions options;
  if (!computed && !sql::mysql::apply_sql_mode(item.values[0], options)) {
    refuse(ErrorCode::statement_not_understood, "statements in this sql_mode cannot be read with certainty",
           "choose a mode by its names, and not ORACLE or MSSQL", item.values[0], nullptr);
  }
  if (computed) {
    out.effects.emplace_back(SearchPathUnknown{});
    return;
  }
  SetSetting effect;
  effect.name = "sql_mode";
  effect.value = item.values[0];
  out.effects.emplace_back(std::move(effect));
}

// @v := … and INTO @v on the way through a statement.
void Analyzer::find_assigned_variables(const sql::Statement& statement, StatementPlan& out) {
  const auto tracked = [&](const std::string& name) { return bound_.tracked_settings.contains(lower(name)); };
  bool assigned = false;
  for_each_expr(statement, [&](const sql::Expr& expr) {
    assigned = assigned || (expr.kind == sql::ExprKind::variable && !expr.args.empty() && tracked("@" + expr.names[0]));
  });
  const auto* select = std::get_if<sql::Select>(&statement.node);
  if (const sql::Select* into = select ? into_of(*select) : nullptr) {
    assigned = assigned || std::any_of(into->into_names.begin(), into->into_names.end(), tracked);
  }
  if (const auto* load = std::get_if<sql::LoadData>(&statement.node)) {
    assigned = assigned || std::any_of(load->targets.begin(), load->targets.end(), [&](const auto& field) {
                 return !field.variable.empty() && tracked("@" + field.variable);
               });
  }
  if (assigned) out.effects.emplace_back(SearchPathUnknown{});
}

// ---- code that is not part of the statement -----------------------------------------------------------------------

// A text that needs no edits may be prepared: what EXECUTE returns is opened, what USING passes stays as it is.
void Analyzer::plan_prepared_text(const sql::Prepare& prepare, StatementPlan& out) {
  const auto refuse_prepare = [&](std::string message) {
    refuse(ErrorCode::hidden_write, std::move(message), "send the statement itself, or prepare it by the protocol",
           prepare.name, prepare.source.get());
  };
  const auto text = prepare.source ? literal_text(*prepare.source) : std::nullopt;
  if (!text || !names_.search_path_known()) return refuse_prepare("the text of PREPARE is not known");
  const auto parsed = sql::parse(*text, session_.lexer);
  if (parsed.has_error() || parsed->statements.size() != 1)
    return refuse_prepare("the text of PREPARE is not understood");
  sql::Template shape;
  sql::make_template(*text, session_.lexer, shape);
  const PlanRequest request{*text, &shape, Protocol::extended, nullptr};
  Analyzer inner(binding_, session_, request, *parsed);
  inner.prepare_ = &prepare;  // its parameters are variables, which the session does not see
  const std::shared_ptr<const Plan> plan = inner.run().plan;
  unknown_.insert(plan->unknown_relations.begin(), plan->unknown_relations.end());
  if (plan->verdict == Verdict::refuse) {
    refuse(plan->refusal.code, plan->refusal.message, plan->refusal.hint, plan->refusal.object, prepare.source.get());
    return;
  }
  auto body = std::make_shared<StatementPlan>();
  if (plan->verdict == Verdict::apply) {
    const StatementPlan& planned = plan->statements.front();
    if (!plan->edits.empty() || !planned.parameters.empty() || !planned.effects.empty())
      return refuse_prepare("a prepared text would write or compare sealed values, or change the session");
    *body = planned;
    const auto here = [&](std::vector<ColumnIndex>& columns) {
      for (ColumnIndex& index : columns) {
        const auto bound = std::find_if(bound_.columns.begin(), bound_.columns.end(), [&](const BoundColumn& each) {
          return each.column == plan->columns[index].column && each.display == plan->columns[index].display;
        });
        index = index_of(*bound);
      }
      std::sort(columns.begin(), columns.end());
    };
    for (OutputColumn& output : body->outputs.columns) here(output.readable);
  }
  out.effects.emplace_back(PrepareEffect{prepare.name, std::move(body)});
}

void Analyzer::plan_call(const sql::CallProcedure& call, StatementPlan& out) {
  if (!mysql_ || !call.call || call.call->names.empty()) return;  // scan_calls has looked at the procedure
  const auto& names = call.call->names;
  const std::string schema = names.size() > 1 ? names[names.size() - 2] : names_.creation_schema();
  if (!names_.function(names).known && !bound_.is_allowed(schema, names.back())) {
    refuse(ErrorCode::hidden_write, "what the procedure does is not known",
           "allow it in the policy (allowed_functions) after checking what it does", schema + "." + names.back(),
           call.call.get());
  }
  if (touched_) require_clear(call.call->args, *new_scope(nullptr), "CALL");
  // It may set variables, also by OUT parameters.
  out.effects.emplace_back(SearchPathUnknown{});
  names_.forget_search_path();
}

// Its parts are read in another language, or at another time, than the statement.
void Analyzer::check_words(const sql::Statement& statement) {
  const auto scan = sql::scan_words(
      request_.text.substr(statement.span.begin, statement.span.end - statement.span.begin), session_.lexer);
  for (const std::string& word : scan.words) {
    if (!bound_.words.contains(word) && !bound_.risky_words.contains(word)) continue;
    refuse_at(ErrorCode::statement_not_understood, "the statement could reach a protected table unseen",
              "use plain queries and writes on protected tables", word, statement.span);
    return;
  }
}

// ---- queries ------------------------------------------------------------------------------------------------------

void Analyzer::check_into(const Query& query) {
  if (query.select->into_kind == sql::IntoKind::none) return;
  for (Field* field : query.outputs) {
    const Value value = value_of(*field);
    if (value.is_clear()) continue;
    refuse(ErrorCode::sealed_to_clear, "SELECT … INTO would put a sealed value into a variable or a file",
           "read the value into the application", display(value), nullptr);
    return;
  }
}

bool Analyzer::is_output_of_statement(const sql::OutputItem& item) const {
  return std::any_of(parsed_.statements.begin(), parsed_.statements.end(), [&](const sql::Statement& statement) {
    const auto* as = std::get_if<sql::CreateTableAs>(&statement.node);
    const auto* select = std::get_if<sql::Select>(as && as->query ? &as->query->node : &statement.node);
    while (select && select->left) select = select->left.get();
    return select && std::any_of(select->output.begin(), select->output.end(),
                                 [&](const sql::OutputItem& each) { return &each == &item; });
  });
}

// The server names an expression by its text: the client must go on seeing its own. Not a value that is sealed there:
// the name is sent, and stored, as it is.
void Analyzer::keep_output_names() {
  for (const sql::OutputItem* item : nameless_) {
    if (!edits_.change(item->span)) continue;
    if (edits_.seal(item->span)) {
      if (!is_output_of_statement(*item)) continue;
      refuse(ErrorCode::expression_not_sealable, "the name of an output column would hold a value that is sealed",
             "give the column an alias", "", item->expr.get());
      return;
    }
    const bool literal = std::any_of(parsed_.literals.begin(), parsed_.literals.end(), [&](const sql::Literal& each) {
      return each.span.begin >= item->span.begin && each.span.end <= item->span.end;
    });
    if (literal) decided_by_literal();
    std::string alias = " AS ";
    sql::append_identifier(alias, request_.text.substr(item->span.begin, item->span.end - item->span.begin),
                           session_.lexer);
    edits_.insert(item->span.end, alias);
  }
}

// HAVING and the expressions of ORDER BY may name the select list too, behind the columns of FROM.
Scope& Analyzer::scope_with_aliases(Query& query) {
  if (!mysql_) return *query.scope;
  Source& aliases = sources_.emplace_back();
  for (Field* field : query.outputs) {
    if (!field->name.empty()) aliases.fields.push_back(field);
  }
  Scope& outer = *new_scope(query.scope->outer);
  outer.sources = {&aliases};
  Scope& scope = scopes_.emplace_back(*query.scope);
  scope.outer = &outer;
  return scope;
}

// MariaDB has no index over an expression, so a generated column holds the tag.
std::optional<std::string> Analyzer::tag_column(const sql::Expr& expr, Scope& scope) {
  if (!sql::is_mariadb(session_.lexer)) return std::nullopt;
  const Name name = find_name(expr.names, &scope, expr);
  if (!name.field || !name.field->bound || !name.field->owner) return std::nullopt;
  const auto* source = static_cast<const Source*>(name.field->owner);
  if (!source->relation) return std::nullopt;
  const catalog::Column* column = tag_column_of(*source->relation->relation, *name.field->bound, session_.lexer);
  if (!column) return std::nullopt;
  const std::string_view text = written(expr);
  return std::string(text.substr(0, expr.names.size() > 1 ? text.rfind('.') + 1 : 0)) +
         quoted(column->name, session_.lexer);
}

}  // namespace sealrow::plan
