#include "sql/dump_writer.hpp"

#include <array>

namespace sealrow::sql {

void DumpWriter::targets(const std::vector<TargetColumn>& columns) {
  if (columns.empty()) return;
  group("columns", [&] {
    for (const auto& column : columns) {
      name({column.name}, column.span);
      flag("indirection", column.indirection);
    }
  });
}

void DumpWriter::assignments(const std::vector<Assignment>& list) {
  if (list.empty()) return;
  group("set", [&] {
    for (const auto& assignment : list) {
      group("=", [&] {
        names("of", assignment.qualifier);
        name({assignment.column}, assignment.column_span);
        flag("indirection", assignment.indirection);
        write(assignment.value);
        if (!assignment.row_source) return;
        word("row#" + std::to_string(assignment.row_index));
        if (assignment.row_index == 0) write(*assignment.row_source);
      });
    }
  });
}

void DumpWriter::statement(std::string_view what, const StatementPtr& statement) {
  if (statement) group(what, [&] { write(*statement); });
}

// One overload per statement.
struct StatementDump {
  DumpWriter& w;

  template <class Inside>
  void group(std::string_view name, Inside inside) const {
    w.group(name, inside);
  }
  void with(const std::unique_ptr<With>& clause) const {
    if (clause) w.write(*clause);
  }

  void operator()(const std::monostate&) const { w.word("(empty)"); }
  void operator()(const Select& s) const { w.write(s); }
  void operator()(const Insert& s) const {
    group(s.replace ? "replace" : "insert", [&] {
      w.flag("ignore", s.ignore);
      with(s.with);
      w.write(s.table, s.alias);
      w.targets(s.columns);
      w.flag("default_values", s.default_values);
      w.name("overriding", s.overriding);
      if (s.source) w.write(*s.source);
      if (s.conflict) conflict(*s.conflict);
      w.outputs("returning", s.returning);
    });
  }
  void conflict(const ConflictClause& c) const {
    group(c.duplicate_key ? "duplicate_key"
          : c.update      ? "conflict_update"
                          : "conflict_nothing",
          [&] {
            w.exprs("target", c.target);
            w.name("constraint", c.constraint);
            w.part("target_where", c.target_where);
            w.assignments(c.set);
            w.part("where", c.where);
          });
  }
  void operator()(const Update& s) const {
    group("update", [&] {
      with(s.with);
      w.flag("ignore", s.ignore);
      if (!s.table.name.empty()) w.write(s.table, s.alias);
      w.assignments(s.set);
      w.from("from", s.from);
      w.part("where", s.where);
      w.sort_keys(s.order_by);
      w.part("limit", s.limit);
      w.outputs("returning", s.returning);
    });
  }
  void operator()(const Delete& s) const {
    group("delete", [&] {
      with(s.with);
      if (!s.table.name.empty()) w.write(s.table, s.alias);
      w.relations("targets", s.targets);
      w.from("using", s.using_);
      w.part("where", s.where);
      w.sort_keys(s.order_by);
      w.part("limit", s.limit);
      w.outputs("returning", s.returning);
    });
  }
  void operator()(const Merge& s) const {
    group("merge", [&] {
      with(s.with);
      w.write(s.table, s.alias);
      if (s.source) w.write(*s.source);
      w.part("on", s.on);
      for (const auto& when : s.when) merge_when(when);
      w.outputs("returning", s.returning);
    });
  }
  void merge_when(const MergeWhen& when) const {
    static constexpr std::array<std::string_view, 3> match = {"matched", "not_matched_by_target",
                                                              "not_matched_by_source"};
    static constexpr std::array<std::string_view, 4> action = {"insert", "update", "delete", "nothing"};
    group(match[static_cast<std::size_t>(when.match)], [&] {
      w.word(action[static_cast<std::size_t>(when.action)]);
      w.part("and", when.condition);
      w.targets(when.columns);
      w.exprs("values", when.values);
      w.flag("default_values", when.default_values);
      w.assignments(when.set);
    });
  }
  void operator()(const Copy& s) const {
    static constexpr std::array<std::string_view, 3> formats = {"text", "csv", "binary"};
    group(s.from ? "copy_from" : "copy_to", [&] {
      if (s.table) w.write(*s.table);
      w.targets(s.columns);
      w.statement("query", s.query);
      w.flag("program", s.program);
      w.name("file", s.file);
      w.word(formats[static_cast<std::size_t>(s.format)]);
      w.flag("header", s.header);
      w.flag("match", s.header_match);
      text_option("delimiter", s.delimiter);
      text_option("null", s.null_string);
      text_option("quote", s.quote);
      text_option("escape", s.escape);
      text_option("encoding", s.encoding);
      text_option("default", s.default_string);
      w.flag("force_quote_all", s.force_quote_all);
      w.flag("force_null_all", s.force_null_all);
      w.flag("force_not_null_all", s.force_not_null_all);
      w.names("force_quote", s.force_quote);
      w.names("force_null", s.force_null);
      w.names("force_not_null", s.force_not_null);
      w.names("unknown", s.unknown_options);
      w.part("where", s.where);
    });
  }
  void text_option(std::string_view name, const std::optional<std::string>& value) const {
    if (value) group(name, [&] { w.word(*value); });
  }
  void operator()(const LoadData& s) const {
    group(s.xml ? "load_xml" : "load_data", [&] {
      w.flag("local", s.local);
      w.flag("replace", s.replace);
      w.flag("ignore", s.ignore);
      w.name("file", s.file);
      w.write(s.table);
      w.name("charset", s.character_set);
      text_option("fields_terminated", s.fields_terminated);
      w.flag("optionally", s.optionally_enclosed);
      text_option("fields_enclosed", s.fields_enclosed);
      text_option("fields_escaped", s.fields_escaped);
      text_option("lines_starting", s.lines_starting);
      text_option("lines_terminated", s.lines_terminated);
      w.part("ignore_lines", s.ignore_lines);
      for (const auto& target : s.targets) {
        if (target.variable.empty()) w.name({target.column}, target.span);
        w.name("var", target.variable);
      }
      w.assignments(s.set);
    });
  }
  void operator()(const Prepare& s) const {
    group("prepare", [&] {
      w.word(s.name);
      for (const auto& type : s.types) w.write(type);
      w.statement("as", s.statement);
      w.part("source", s.source);
    });
  }
  void operator()(const Execute& s) const {
    group("execute", [&] {
      w.word(s.name);
      w.exprs(s.args);
    });
  }
  void operator()(const Deallocate& s) const { simple("deallocate", s.name); }
  void operator()(const DeclareCursor& s) const {
    group("declare", [&] {
      w.word(s.name);
      w.flag("binary", s.binary);
      w.flag("hold", s.hold);
      w.flag("scroll", s.scroll);
      w.statement("query", s.query);
    });
  }
  void operator()(const Fetch& s) const { simple(s.move ? "move" : "fetch", s.cursor); }
  void operator()(const CloseCursor& s) const { simple("close", s.name); }
  void operator()(const Explain& s) const { w.statement(s.analyze ? "explain_analyze" : "explain", s.statement); }
  void operator()(const Transaction& s) const {
    static constexpr std::array<std::string_view, 9> kinds = {"begin",     "commit",          "rollback",
                                                              "savepoint", "release",         "rollback_to",
                                                              "prepare",   "commit_prepared", "rollback_prepared"};
    group("transaction", [&] {
      w.word(kinds[static_cast<std::size_t>(s.kind)]);
      if (!s.name.empty()) w.word(s.name);
      w.flag("chain", s.chain);
    });
  }
  void operator()(const SetVariables& s) const {
    for (const auto& item : s.items) (*this)(item);
  }
  void operator()(const SetVariable& s) const {
    static constexpr std::array<std::string_view, 5> scopes = {"set", "set_global", "set_persist", "set_persist_only",
                                                               "set_user"};
    group(scopes[static_cast<std::size_t>(s.scope)], [&] {
      w.word(s.name);
      w.flag("local", s.local);
      w.flag("reset", s.reset);
      w.flag("reset_all", s.reset_all);
      w.flag("from_current", s.from_current);
      w.names("values", s.values);
      w.part("value", s.value);
    });
  }
  void operator()(const Show& s) const { simple("show", s.name); }
  void operator()(const Discard& s) const { simple("discard", s.what); }
  void operator()(const Truncate& s) const { w.relations("truncate", s.tables); }
  void operator()(const LockTable& s) const { w.relations("lock", s.tables); }

  void column(const ColumnDefinition& c) const {
    group("column", [&] {
      w.name({c.name}, c.name_span);
      w.write(c.type);
      w.part("default", c.default_value);
      w.part("generated", c.generated);
      w.exprs("check", c.checks);
      w.flag("primary_key", c.primary_key);
      w.flag("unique", c.unique);
      w.flag("not_null", c.not_null);
    });
  }
  void constraint(const TableConstraint& c) const {
    static constexpr std::array<std::string_view, 6> kinds = {"primary_key", "unique",    "check",
                                                              "foreign_key", "exclusion", "other"};
    group(kinds[static_cast<std::size_t>(c.kind)], [&] {
      if (!c.name.empty()) w.word(c.name);
      w.names("columns", c.columns);
      if (c.expr) w.write(*c.expr);
    });
  }
  void operator()(const CreateTable& s) const {
    group("create_table", [&] {
      w.flag("temporary", s.temporary);
      w.flag("if_not_exists", s.if_not_exists);
      w.write(s.table);
      for (const auto& c : s.columns) column(c);
      for (const auto& c : s.constraints) constraint(c);
      w.relations("inherits", s.inherits);
    });
  }
  void operator()(const CreateTableAs& s) const {
    group(s.materialized_view ? "create_matview" : "create_table_as", [&] {
      w.flag("temporary", s.temporary);
      w.write(s.table);
      w.names("columns", s.columns);
      w.flag("no_data", s.with_no_data);
      w.statement("query", s.query);
    });
  }
  void operator()(const AlterTable& s) const {
    group(s.is_view ? "alter_view" : "alter_table", [&] {
      w.write(s.table);
      for (const auto& command : s.commands) alter(command);
    });
  }
  void alter(const AlterTable::Command& c) const {
    static constexpr std::array<std::string_view, 13> actions = {
        "add_column",       "drop_column",   "set_type",     "set_default", "drop_default",
        "add_constraint",   "rename_column", "rename_table", "set_schema",  "attach_partition",
        "detach_partition", "inherit",       "other"};
    group(actions[static_cast<std::size_t>(c.action)], [&] {
      if (!c.column.empty()) w.word(c.column);
      w.name("to", c.new_name);
      if (c.definition) column(*c.definition);
      if (c.constraint) constraint(*c.constraint);
      if (c.type) w.write(*c.type);
      w.part("expr", c.expr);
      if (c.other) w.write(*c.other);
    });
  }
  void operator()(const CreateIndex& s) const {
    group("create_index", [&] {
      w.flag("unique", s.unique);
      if (!s.name.empty()) w.word(s.name);
      w.write(s.table);
      w.name("using", s.method);
      w.exprs("on", s.elements);
      w.part("where", s.where);
    });
  }
  void operator()(const CreateView& s) const {
    group("create_view", [&] {
      w.flag("temporary", s.temporary);
      w.write(s.view);
      w.names("columns", s.columns);
      w.statement("query", s.query);
    });
  }
  void operator()(const CreateFunction& s) const {
    group("create_function", [&] {
      w.word(s.schema.empty() ? s.name : s.schema + "." + s.name);
      w.name("language", s.language);
      w.name("body", s.body);
      w.exprs("defaults", s.defaults);
      for (const auto& inner : s.statements) w.statement("statement", inner);
    });
  }
  void operator()(const CreateTrigger& s) const {
    group("create_trigger", [&] {
      w.word(s.name);
      w.write(s.table);
      w.name("function", s.function_schema.empty() ? s.function_name : s.function_schema + "." + s.function_name);
      w.name("body", s.body);
    });
  }
  void operator()(const CreateRule& s) const {
    group("create_rule", [&] {
      w.word(s.name);
      w.write(s.table);
      for (const auto& action : s.actions) w.statement("action", action);
    });
  }
  void operator()(const DoBlock& s) const {
    group("do", [&] {
      w.name("language", s.language);
      w.name("body", s.body);
    });
  }
  void operator()(const CallProcedure& s) const {
    group("call_procedure", [&] { w.write(s.call); });
  }
  void operator()(const Drop& s) const {
    group("drop", [&] {
      w.word(s.kind);
      for (const auto& name : s.names) w.word(name.schema.empty() ? name.name : name.schema + "." + name.name);
    });
  }
  void operator()(const Utility& s) const {
    group("utility", [&] {
      w.word(s.kind);
      w.flag("changes_catalog", s.changes_catalog);
      w.flag("carries_text", s.carries_text);
      w.flag("dynamic", s.dynamic);
      w.name("body", s.body);
    });
  }
  void simple(std::string_view what, const std::string& name) const {
    group(what, [&] {
      if (!name.empty()) w.word(name);
    });
  }
};

void DumpWriter::write(const Statement& statement) { std::visit(StatementDump{*this}, statement.node); }

}  // namespace sealrow::sql
