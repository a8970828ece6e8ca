// One way of planning per kind of statement.
#include "plan/analyzer.hpp"
#include "plan/walk.hpp"

#include <algorithm>
#include <array>

namespace sealrow::plan {

namespace {

// Utility statements that neither read nor write values of the relations that they name.
constexpr std::array<std::string_view, 26> harmless_utilities = {
    "analyze",
    "vacuum",
    "cluster",
    "reindex",
    "grant",
    "grant_role",
    "comment",
    "sec_label",
    "check_point",
    "listen",
    "unlisten",
    "notify",
    "create_policy",
    "alter_policy",
    "create_stats",
    "alter_stats",
    "alter_owner",
    "create_publication",
    "create_seq",
    "alter_publication",
    "alter_seq",
    "drop_owned",
    "reassign_owned",
    "refresh_mat_view",
    "alter_object_depends",
    "alter_system",
};

constexpr std::array<std::string_view, 16> mysql_harmless_utilities = {
    "analyze", "cache", "check", "checksum", "explain", "flush",  "grant",  "kill",
    "load",    "lock",  "help",  "optimize", "repair",  "revoke", "unlock", "xa",
};
// Parts of them are read under settings of their own, or are code.
constexpr std::array<std::string_view, 4> mysql_disguises = {"set_statement", "create_package", "create_event",
                                                             "alter_event"};

bool is_one_of(const auto& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

struct Analyzer::NodePlanner {
  Analyzer& analyzer;
  const sql::Statement& statement;
  StatementPlan& out;

  void refuse_if_touched(std::string message) {
    if (!analyzer.touched_) return;
    analyzer.refuse_at(ErrorCode::statement_not_understood, std::move(message),
                       "use plain queries and writes on protected tables", "", statement.span);
  }
  void operator()(std::monostate) { refuse_if_touched("a statement on a protected table is not understood"); }
  void operator()(const sql::Select& select) {
    if (!select.into) return query();
    const Shape shape = analyzer.touched_ ? analyzer.build(statement, nullptr) : Shape{};
    analyzer.run_checks();
    analyzer.refuse_sealed_copy(shape, "SELECT INTO");
    analyzer.check_hides_policy_table(*select.into, false);
    analyzer.plan_parameters(statement, out);
    analyzer.catalog_changes(out, {{as_written(*select.into)}});
  }
  void operator()(const sql::Insert&) { query(); }
  void operator()(const sql::Update&) { query(); }
  void operator()(const sql::Delete&) { query(); }
  void operator()(const sql::Merge&) { query(); }
  void query() {
    analyzer.plan_query(statement, out);
    if (analyzer.touched_) analyzer.require_all_seen(statement);
  }
  void operator()(const sql::Copy& copy) { analyzer.plan_copy(copy, out); }
  void operator()(const sql::LoadData& load) { analyzer.plan_load(load, statement, out); }
  void operator()(const sql::SetVariables& set) { analyzer.plan_set_variables(set, out); }
  void operator()(const sql::Prepare& prepare) { analyzer.plan_prepare(prepare, out); }
  void operator()(const sql::Execute& execute) { analyzer.plan_execute(execute, out); }
  void operator()(const sql::Deallocate& d) { out.effects.emplace_back(DeallocateEffect{d.name}); }
  void operator()(const sql::DeclareCursor& declare) {
    if (declare.query) analyzer.plan_node(*declare.query, out);
    out.effects.emplace_back(DeclareEffect{declare.name, declare.binary, declare.hold});
  }
  void operator()(const sql::Fetch& fetch) {
    if (!fetch.move) out.effects.emplace_back(FetchEffect{fetch.cursor});
  }
  void operator()(const sql::CloseCursor& close) { out.effects.emplace_back(CloseEffect{close.name}); }
  void operator()(const sql::Explain& explain) { analyzer.plan_explain(explain, out); }
  void operator()(const sql::Transaction& transaction) { analyzer.plan_transaction(transaction, out); }
  void operator()(const sql::SetVariable& set) { analyzer.plan_set(set, out); }
  void operator()(const sql::Show&) {}
  void operator()(const sql::Discard& discard) {
    out.effects.emplace_back(DiscardEffect{discard.what});
    if (discard.what == "all") analyzer.names_.forget_search_path();
  }
  void operator()(const sql::Truncate&) {}
  void operator()(const sql::LockTable&) {}
  void operator()(const sql::CreateTable& create) { analyzer.plan_create_table(create, out); }
  void operator()(const sql::CreateTableAs& create) { analyzer.plan_create_table_as(create, out); }
  void operator()(const sql::AlterTable& alter) { analyzer.plan_alter_table(alter, out); }
  void operator()(const sql::CreateIndex& index) { analyzer.plan_create_index(index, out); }
  void operator()(const sql::CreateView& view) { analyzer.plan_create_view(view, out); }
  void operator()(const sql::CreateFunction& function) {
    analyzer.decided_by_literal();
    const std::string schema = function.schema.empty() ? analyzer.names_.creation_schema() : function.schema;
    analyzer.check_code(function.language, function.body, schema, function.name, "the function");
    if (analyzer.touched_ && !analyzer.bound_.is_allowed(schema, function.name)) {
      analyzer.refuse_at(ErrorCode::hidden_write, "the function uses a protected table", "allow it in the policy",
                         schema + "." + function.name, statement.span);
    }
    std::vector<std::string> names = {function.name};
    if (!function.schema.empty()) names.insert(names.begin(), function.schema);
    const bool leads = function.for_trigger && !analyzer.bound_.is_allowed(schema, function.name) &&
                       check_trigger_function(function, schema);
    analyzer.catalog_changes(out, {{function_as_written(names), function.schema == "pg_temp", leads}});
  }
  // Its triggers would set sealed columns from now on. True: it might, on a table that gets a trigger later.
  bool check_trigger_function(const sql::CreateFunction& function, const std::string& schema) {
    const Binding::Impl& bound = analyzer.bound_;
    bool might = false;
    for (const auto& [oid, relation] : bound.relations) {
      if (!bound.sets_sealed(relation, function.language, function.body)) continue;
      might = true;
      for (const catalog::Trigger& trigger : relation.relation->triggers) {
        const auto before = bound.catalog->functions.find(trigger.function);
        if (before == bound.catalog->functions.end() || before->second.schema != schema ||
            before->second.name != function.name) {
          continue;
        }
        refuse_row_writer(schema + "." + function.name);
      }
    }
    return might;
  }
  void refuse_row_writer(const std::string& function) {
    analyzer.refuse_at(ErrorCode::hidden_write, "the trigger could set a protected column to an unsealed value",
                       "leave the column to the application, or allow the function in the policy (allowed_functions) "
                       "after checking what it does",
                       function, statement.span);
  }
  void operator()(const sql::CreateTrigger& trigger) {
    std::vector<std::string> names;
    if (!trigger.function_schema.empty()) names.push_back(trigger.function_schema);
    names.push_back(trigger.function_name);
    if (analyzer.mysql_) check_trigger_body(trigger);
    if (!trigger.function_name.empty() && analyzer.names_.function(names).risk != FunctionRisk::none) {
      analyzer.refuse_at(ErrorCode::hidden_write, "the trigger's function could write to a protected table unseen",
                         "allow the function in the policy after checking what it does", trigger.function_name,
                         statement.span);
    }
    if (!analyzer.mysql_ && !names.back().empty()) check_row_writer(trigger, names);
    analyzer.catalog_changes(out);
  }
  void check_row_writer(const sql::CreateTrigger& trigger, const std::vector<std::string>& names) {
    const RelationMeaning meaning = analyzer.names_.relation(trigger.table);
    if (!meaning.bound) return;
    if (!analyzer.names_.is_known_function(names)) analyzer.note_unknown(function_as_written(names), statement.span);
    const Binding::Impl& bound = analyzer.bound_;
    for (const catalog::Function* function : analyzer.names_.functions(names)) {
      if (!bound.sets_sealed(*meaning.bound, function->language, function->body)) continue;
      if (!bound.is_allowed(function->schema, function->name))
        refuse_row_writer(function->schema + "." + function->name);
    }
  }
  // The body may set a column of the row itself.
  void check_trigger_body(const sql::CreateTrigger& trigger) {
    const std::string schema = analyzer.names_.creation_schema();
    analyzer.check_code("sql", trigger.body, schema, trigger.name, "the trigger");
    const RelationMeaning meaning = analyzer.names_.relation(trigger.table);
    if (!meaning.bound || !analyzer.bound_.names_sealed(*meaning.bound, trigger.body) ||
        analyzer.bound_.is_allowed(schema, trigger.name)) {
      return;
    }
    analyzer.refuse_at(ErrorCode::hidden_write, "the trigger looks into or sets a protected column",
                       "allow it in the policy (allowed_functions) after checking what it does", trigger.name,
                       trigger.table.span);
  }
  void operator()(const sql::CreateRule&) {
    if (analyzer.touched_) {
      analyzer.refuse_at(ErrorCode::hidden_write, "a rule on or towards a protected table hides what is written",
                         "use plain statements", "", statement.span);
    }
    analyzer.catalog_changes(out);
  }
  void operator()(const sql::DoBlock& block) {
    analyzer.decided_by_literal();
    if (!analyzer.bound_.policy->allow_do_blocks && !analyzer.is_block_of_definitions(block)) {
      analyzer.check_code(block.language.empty() ? "plpgsql" : block.language, block.body, "", "", "the DO block");
    }
    // It may hold any statement, SET and DDL too.
    out.effects.emplace_back(SearchPathUnknown{});
    analyzer.names_.forget_search_path();
    analyzer.catalog_changes(out);
  }
  void operator()(const sql::CallProcedure& call) { analyzer.plan_call(call, out); }
  void operator()(const sql::Drop&) { analyzer.catalog_changes(out); }
  void operator()(const sql::Utility& utility) { analyzer.plan_utility(utility, statement, out); }
};

void Analyzer::plan_node(const sql::Statement& statement, StatementPlan& out) {
  std::visit(NodePlanner{*this, statement, out}, statement.node);
}

void Analyzer::catalog_changes(StatementPlan& out, std::vector<CreatedRelation> created) {
  created_.insert(created_.end(), created.begin(), created.end());
  out.effects.emplace_back(CatalogEffect{std::move(created)});
}

std::string function_as_written(const std::vector<std::string>& names) {
  const std::string& name = names.back();
  return (names.size() > 1 ? names[names.size() - 2] + "." + name : name) + "()";
}

std::string as_written(const sql::RelationName& name) {
  return name.schema.empty() ? name.name : name.schema + "." + name.name;
}

// Only what reads or writes rows: a definition that names what is not there fails.
void Analyzer::find_unknown(const sql::Statement& statement) {
  const bool moves_rows =
      std::holds_alternative<sql::Select>(statement.node) || std::holds_alternative<sql::Insert>(statement.node) ||
      std::holds_alternative<sql::Update>(statement.node) || std::holds_alternative<sql::Delete>(statement.node) ||
      std::holds_alternative<sql::Merge>(statement.node) || std::holds_alternative<sql::Copy>(statement.node) ||
      std::holds_alternative<sql::Prepare>(statement.node) || std::holds_alternative<sql::Explain>(statement.node) ||
      std::holds_alternative<sql::DeclareCursor>(statement.node) ||
      std::holds_alternative<sql::LoadData>(statement.node) ||
      std::holds_alternative<sql::CreateTableAs>(statement.node);
  if (!moves_rows || statement.mentioned.empty()) return;
  std::optional<std::set<std::string>> queries;
  const auto* into = std::get_if<sql::Select>(&statement.node);
  const auto* as = std::get_if<sql::CreateTableAs>(&statement.node);
  for (const sql::RelationName& name : statement.mentioned) {
    if (names_.is_known(name)) continue;
    if (into && into->into && into->into->span.begin == name.span.begin) continue;
    if (as && as->table.span.begin == name.span.begin) continue;
    if (name.schema.empty()) {
      if (!queries) queries = named_queries(statement);
      if (queries->contains(name.name)) continue;
    }
    note_unknown(as_written(name), name.span);
  }
}

void Analyzer::note_unknown(const std::string& written, sql::Span span) {
  const auto bare = [](const std::string& name) { return name.substr(name.rfind('.') + 1); };
  const auto made = std::find_if(created_.begin(), created_.end(),
                                 [&](const CreatedRelation& created) { return bare(created.name) == bare(written); });
  if (made == created_.end()) {
    unknown_.insert(written);
  } else if (made->leads_to_protected) {
    refuse_at(ErrorCode::statement_not_understood,
              "what leads to a protected table is used behind its definition in the same text",
              "send the definition and the statement one after the other", written, span);
  }
}

void Analyzer::plan_mysql_utility(const sql::Utility& utility, const sql::Statement& statement) {
  if (utility.dynamic || utility.kind == "binlog") {
    refuse_at(ErrorCode::hidden_write, "the statement runs what is not part of it", "send the statements themselves",
              utility.kind, statement.span);
  }
  if (is_one_of(mysql_disguises, utility.kind)) check_words(statement);
}

void Analyzer::plan_utility(const sql::Utility& utility, const sql::Statement& statement, StatementPlan& out) {
  const bool harmless =
      mysql_ ? is_one_of(mysql_harmless_utilities, utility.kind) : is_one_of(harmless_utilities, utility.kind);
  if (mysql_) plan_mysql_utility(utility, statement);
  if (touched_ && !harmless) {
    refuse_at(ErrorCode::statement_not_understood, "a statement on a protected table is not understood",
              "use plain queries and writes on protected tables", utility.kind, statement.span);
  }
  // CREATE OPERATOR, CAST, AGGREGATE and the like would call a function by another name.
  if (!harmless) {
    const auto scan = sql::scan_words(
        request_.text.substr(statement.span.begin, statement.span.end - statement.span.begin), session_.lexer);
    for (const std::string& word : scan.words) {
      if (!bound_.risky_words.contains(word) && !bound_.setting_words.contains(word)) continue;
      refuse_at(ErrorCode::hidden_write,
                "the definition would hide calls of a function that could write to a protected table",
                "allow the function in the policy after checking what it does", word, statement.span);
    }
  }
  // Its expressions are not modelled; those of row security usually ask for the tenant only.
  if (touched_ && (utility.kind == "create_policy" || utility.kind == "alter_policy")) {
    const auto scan = sql::scan_words(
        request_.text.substr(statement.span.begin, statement.span.end - statement.span.begin), session_.lexer);
    for (const sql::RelationName& name : statement.mentioned) {
      const RelationMeaning meaning = names_.relation(name);
      for (const std::string& word : scan.words) {
        if (!meaning.bound || !meaning.bound->table->find(word)) continue;
        refuse_at(ErrorCode::ddl_refused, "a row security policy cannot look into a sealed column",
                  "leave the protected column out", name.name + "." + word, name.span);
      }
    }
  }
  if (utility.changes_catalog) catalog_changes(out);
}

}  // namespace sealrow::plan
