// Statements: dispatch, prepared statements, cursors, transactions, settings and everything that is not modelled.
#include "sql/postgres/converter.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace sealrow::sql::postgres {
namespace {

// nodes/parsenodes.h, CURSOR_OPT_*.
constexpr std::int32_t cursor_binary = 0x01;
constexpr std::int32_t cursor_scroll = 0x02;
constexpr std::int32_t cursor_hold = 0x20;

// Utility statements after which the catalog is as it was.
constexpr std::array<std::string_view, 9> without_catalog_change = {
    "notify", "listen", "unlisten", "vacuum", "analyze", "check_point", "load", "constraints_set", "cluster",
};

// "CreateExtensionStmt" → "create_extension".
std::string kind_of(std::string_view type_name) {
  if (type_name.ends_with("Stmt")) type_name.remove_suffix(4);
  std::string kind;
  for (const char c : type_name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !kind.empty()) kind.push_back('_');
    kind.push_back(upper ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return kind;
}

std::string object_kind(PgQuery__ObjectType type) {
  const ProtobufCEnumValue* value = protobuf_c_enum_descriptor_get_value(&pg_query__object_type__descriptor, type);
  std::string kind = value && value->name ? fold_case(value->name) : std::string();
  if (kind.starts_with("object_")) kind.erase(0, 7);
  return kind;
}

// Objects whose name is the relation's name followed by their own.
bool is_part_of_relation(std::string_view kind) {
  static constexpr std::array<std::string_view, 5> kinds = {"column", "tabconstraint", "trigger", "rule", "policy"};
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

std::optional<Transaction::Kind> transaction_kind(PgQuery__TransactionStmtKind kind) {
  using Kind = Transaction::Kind;
  static constexpr std::array<Kind, 11> kinds = {
      Kind::begin,   Kind::begin,       Kind::begin,   Kind::commit,          Kind::rollback,          Kind::savepoint,
      Kind::release, Kind::rollback_to, Kind::prepare, Kind::commit_prepared, Kind::rollback_prepared,
  };
  const auto index = static_cast<std::size_t>(kind);
  return index < kinds.size() ? std::optional(kinds[index]) : std::nullopt;
}

const PgQuery__DefElem* option_named(Nodes options, std::string_view name) {
  for (const Node* option : options) {
    const auto* element = as<PgQuery__DefElem>(option, pg_query__def_elem__descriptor);
    if (element && element->defname == name) return element;
  }
  return nullptr;
}

}  // namespace

struct Converter::StatementTable {
  using Handler = void (*)(Converter&, const ProtobufCMessage&, Statement&);

  template <class T, class Node, Node (Converter::*method)(const T&)>
  static void fill(Converter& converter, const ProtobufCMessage& message, Statement& out) {
    out.node = (converter.*method)(reinterpret_cast<const T&>(message));
  }
  template <class T, class Node, Node (Converter::*method)(const T&) const>
  static void fill_plain(Converter& converter, const ProtobufCMessage& message, Statement& out) {
    out.node = (converter.*method)(reinterpret_cast<const T&>(message));
  }
  // Falls back to Utility where the statement is about something else than a relation.
  template <class T, bool (Converter::*method)(const T&, Statement&) const>
  static void try_fill(Converter& converter, const ProtobufCMessage& message, Statement& out) {
    if (!(converter.*method)(reinterpret_cast<const T&>(message), out)) {
      out.node = converter.utility(message, out.span);
    }
  }
  // Statements that carry over by one or two names.
  template <class T, void (*copy_names)(const T&, Statement&)>
  static void names(Converter&, const ProtobufCMessage& message, Statement& out) {
    copy_names(reinterpret_cast<const T&>(message), out);
  }
  // TRUNCATE and LOCK are a list of relations.
  template <class T, class Target>
  static void tables(Converter& converter, const ProtobufCMessage& message, Statement& out) {
    const auto& node = reinterpret_cast<const T&>(message);
    out.node = Target{converter.relations(Nodes{node.relations, node.n_relations})};
  }

  static void call(Converter& converter, const ProtobufCMessage& message, Statement& out) {
    const auto& node = reinterpret_cast<const PgQuery__CallStmt&>(message);
    CallProcedure result;
    if (node.funccall) result.call = converter.expr(node.funccall->base);
    out.node = std::move(result);
  }
  static void fetch(const PgQuery__FetchStmt& node, Statement& out) {
    out.node = Fetch{node.portalname, node.ismove != 0};
  }
  static void close(const PgQuery__ClosePortalStmt& node, Statement& out) { out.node = CloseCursor{node.portalname}; }
  static void deallocate(const PgQuery__DeallocateStmt& node, Statement& out) { out.node = Deallocate{node.name}; }
  static void show(const PgQuery__VariableShowStmt& node, Statement& out) { out.node = Show{fold_case(node.name)}; }
  static void discard(const PgQuery__DiscardStmt& node, Statement& out) {
    static constexpr std::array<const char*, 5> words = {"", "all", "plans", "sequences", "temp"};
    const auto index = static_cast<std::size_t>(node.target);
    out.node = Discard{index < words.size() ? words[index] : ""};
  }

  static const std::unordered_map<const ProtobufCMessageDescriptor*, Handler>& handlers();
};

const std::unordered_map<const ProtobufCMessageDescriptor*, Converter::StatementTable::Handler>&
Converter::StatementTable::handlers() {
  using C = Converter;
  static const std::unordered_map<const ProtobufCMessageDescriptor*, Handler> table = {
      {&pg_query__select_stmt__descriptor, fill<PgQuery__SelectStmt, Select, &C::select>},
      {&pg_query__insert_stmt__descriptor, fill<PgQuery__InsertStmt, Insert, &C::insert>},
      {&pg_query__update_stmt__descriptor, fill<PgQuery__UpdateStmt, Update, &C::update>},
      {&pg_query__delete_stmt__descriptor, fill<PgQuery__DeleteStmt, Delete, &C::delete_>},
      {&pg_query__merge_stmt__descriptor, fill<PgQuery__MergeStmt, Merge, &C::merge>},
      {&pg_query__copy_stmt__descriptor, fill<PgQuery__CopyStmt, Copy, &C::copy>},
      {&pg_query__prepare_stmt__descriptor, fill<PgQuery__PrepareStmt, Prepare, &C::prepare>},
      {&pg_query__execute_stmt__descriptor, fill<PgQuery__ExecuteStmt, Execute, &C::execute>},
      {&pg_query__deallocate_stmt__descriptor, names<PgQuery__DeallocateStmt, deallocate>},
      {&pg_query__declare_cursor_stmt__descriptor, fill<PgQuery__DeclareCursorStmt, DeclareCursor, &C::declare>},
      {&pg_query__fetch_stmt__descriptor, names<PgQuery__FetchStmt, fetch>},
      {&pg_query__close_portal_stmt__descriptor, names<PgQuery__ClosePortalStmt, close>},
      {&pg_query__explain_stmt__descriptor, fill<PgQuery__ExplainStmt, Explain, &C::explain>},
      {&pg_query__transaction_stmt__descriptor, fill_plain<PgQuery__TransactionStmt, Transaction, &C::transaction>},
      {&pg_query__variable_set_stmt__descriptor, fill_plain<PgQuery__VariableSetStmt, SetVariable, &C::set_variable>},
      {&pg_query__variable_show_stmt__descriptor, names<PgQuery__VariableShowStmt, show>},
      {&pg_query__discard_stmt__descriptor, names<PgQuery__DiscardStmt, discard>},
      {&pg_query__truncate_stmt__descriptor, tables<PgQuery__TruncateStmt, Truncate>},
      {&pg_query__lock_stmt__descriptor, tables<PgQuery__LockStmt, LockTable>},
      {&pg_query__create_stmt__descriptor, fill<PgQuery__CreateStmt, CreateTable, &C::create_table>},
      {&pg_query__create_table_as_stmt__descriptor,
       fill<PgQuery__CreateTableAsStmt, CreateTableAs, &C::create_table_as>},
      {&pg_query__alter_table_stmt__descriptor, fill<PgQuery__AlterTableStmt, AlterTable, &C::alter_table>},
      {&pg_query__rename_stmt__descriptor, try_fill<PgQuery__RenameStmt, &C::rename>},
      {&pg_query__alter_object_schema_stmt__descriptor, try_fill<PgQuery__AlterObjectSchemaStmt, &C::set_schema>},
      {&pg_query__index_stmt__descriptor, fill<PgQuery__IndexStmt, CreateIndex, &C::create_index>},
      {&pg_query__view_stmt__descriptor, fill<PgQuery__ViewStmt, CreateView, &C::create_view>},
      {&pg_query__create_function_stmt__descriptor,
       fill<PgQuery__CreateFunctionStmt, CreateFunction, &C::create_function>},
      {&pg_query__create_trig_stmt__descriptor, fill_plain<PgQuery__CreateTrigStmt, CreateTrigger, &C::create_trigger>},
      {&pg_query__rule_stmt__descriptor, fill<PgQuery__RuleStmt, CreateRule, &C::create_rule>},
      {&pg_query__do_stmt__descriptor, fill_plain<PgQuery__DoStmt, DoBlock, &C::do_block>},
      {&pg_query__call_stmt__descriptor, call},
      {&pg_query__drop_stmt__descriptor, fill_plain<PgQuery__DropStmt, Drop, &C::drop>},
  };
  return table;
}

Statement Converter::statement(const PgQuery__RawStmt& raw) {
  Statement result;
  const auto begin = static_cast<std::uint32_t>(raw.stmt_location);
  const std::uint32_t end =
      raw.stmt_len > 0 ? begin + static_cast<std::uint32_t>(raw.stmt_len) : static_cast<std::uint32_t>(text_.size());
  // The server's range begins behind the last semicolon: blanks and comments are not part of our span.
  for (std::size_t i = tokens_.first_from(begin); i < tokens_.size() && tokens_[i].span.begin < end; ++i) {
    if (tokens_.is_punctuation(i, ";") && tokens_.enclosing(i) == TokenMap::none && tokens_[i].span.end == end) break;
    cover(result.span, tokens_[i].span);
  }
  if (const ProtobufCMessage* content = content_of(raw.stmt)) {
    fill(*content, result);
    if (auto* select = std::get_if<Select>(&result.node)) select->span = result.span;
  }
  return result;
}

StatementPtr Converter::statement(const Node* node) {
  const ProtobufCMessage* content = content_of(node);
  if (!content) return nullptr;
  auto result = std::make_unique<Statement>();
  if (!enter()) return result;
  fill(*content, *result);
  if (auto* select = std::get_if<Select>(&result->node)) {
    select->span = query_span(select->span);
    result->span = select->span;
  }
  return result;
}

void Converter::fill(const ProtobufCMessage& message, Statement& out) {
  const auto& handlers = StatementTable::handlers();
  if (const auto found = handlers.find(message.descriptor); found != handlers.end()) {
    found->second(*this, message, out);
  } else {
    out.node = utility(message, out.span);
  }
  collect_relations(message, out.mentioned);
  collect_listed_names(message, out);
}

// DROP, COMMENT and SECURITY LABEL name their relation by a list of strings instead of a RangeVar.
void Converter::collect_listed_names(const ProtobufCMessage& message, Statement& out) const {
  if (const auto* dropped = std::get_if<Drop>(&out.node)) {
    out.mentioned.insert(out.mentioned.end(), dropped->names.begin(), dropped->names.end());
    return;
  }
  const Node* object = nullptr;
  bool of_column = false;
  if (message.descriptor == &pg_query__comment_stmt__descriptor) {
    const auto& comment = reinterpret_cast<const PgQuery__CommentStmt&>(message);
    object = comment.object;
    of_column = is_part_of_relation(object_kind(comment.objtype));
  } else if (message.descriptor == &pg_query__sec_label_stmt__descriptor) {
    const auto& label = reinterpret_cast<const PgQuery__SecLabelStmt&>(message);
    object = label.object;
    of_column = is_part_of_relation(object_kind(label.objtype));
  }
  const auto* names = as<PgQuery__List>(object, pg_query__list__descriptor);
  if (!names || names->n_items == 0) return;
  out.mentioned.push_back(relation_of_names(Nodes{names->items, names->n_items - (of_column ? 1 : 0)}));
}

Explain Converter::explain(const PgQuery__ExplainStmt& node) {
  Explain result;
  const auto* analyze = option_named(Nodes{node.options, node.n_options}, "analyze");
  result.analyze = analyze && is_true(analyze->arg);
  result.statement = statement(node.query);
  return result;
}

Prepare Converter::prepare(const PgQuery__PrepareStmt& node) {
  Prepare result;
  result.name = node.name;
  for (const Node* argument : Nodes{node.argtypes, node.n_argtypes}) {
    const auto* type_name = as<PgQuery__TypeName>(argument, pg_query__type_name__descriptor);
    if (type_name) result.types.push_back(type(*type_name));
  }
  result.statement = statement(node.query);
  return result;
}

Execute Converter::execute(const PgQuery__ExecuteStmt& node) {
  return {node.name, exprs(Nodes{node.params, node.n_params})};
}

DeclareCursor Converter::declare(const PgQuery__DeclareCursorStmt& node) {
  return {.name = node.portalname,
          .binary = (node.options & cursor_binary) != 0,
          .hold = (node.options & cursor_hold) != 0,
          .scroll = (node.options & cursor_scroll) != 0,
          .query = statement(node.query)};
}

Transaction Converter::transaction(const PgQuery__TransactionStmt& node) const {
  Transaction result;
  result.kind = transaction_kind(node.kind).value_or(Transaction::Kind::begin);
  result.name = *node.gid ? node.gid : node.savepoint_name;
  result.chain = node.chain;
  return result;
}

SetVariable Converter::set_variable(const PgQuery__VariableSetStmt& node) const {
  SetVariable result;
  result.name = fold_case(node.name);
  result.local = node.is_local;
  result.reset =
      node.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT || node.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET;
  result.reset_all = node.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL;
  result.from_current = node.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_CURRENT;
  for (const Node* value : Nodes{node.args, node.n_args}) {
    const auto* option = as<PgQuery__DefElem>(value, pg_query__def_elem__descriptor);  // SET TRANSACTION
    if (option) result.values.push_back(option->defname);
    result.values.push_back(word_of(option ? option->arg : value));
  }
  return result;
}

DoBlock Converter::do_block(const PgQuery__DoStmt& node) const {
  const Nodes options{node.args, node.n_args};
  DoBlock result{.language = "plpgsql"};
  if (const auto* body = option_named(options, "as")) result.body = word_of(body->arg);
  if (const auto* language = option_named(options, "language")) result.language = fold_case(word_of(language->arg));
  return result;
}

Drop Converter::drop(const PgQuery__DropStmt& node) const {
  Drop result;
  result.kind = object_kind(node.remove_type);
  const bool of_relation = is_part_of_relation(result.kind);
  for (const Node* object : Nodes{node.objects, node.n_objects}) {
    if (const auto* list = as<PgQuery__List>(object, pg_query__list__descriptor)) {
      result.names.push_back(relation_of_names(Nodes{list->items, list->n_items - (of_relation ? 1 : 0)}));
    } else if (const auto* function = as<PgQuery__ObjectWithArgs>(object, pg_query__object_with_args__descriptor)) {
      result.names.push_back(relation_of_names(Nodes{function->objname, function->n_objname}));
    } else if (const auto* type_name = as<PgQuery__TypeName>(object, pg_query__type_name__descriptor)) {
      result.names.push_back(relation_of_names(Nodes{type_name->names, type_name->n_names}));
    } else {
      result.names.push_back({.name = word_of(object)});
    }
  }
  return result;
}

Utility Converter::utility(const ProtobufCMessage& message, Span span) const {
  Utility result;
  result.kind = kind_of(message.descriptor->short_name);
  if (message.descriptor == &pg_query__vacuum_stmt__descriptor &&
      !reinterpret_cast<const PgQuery__VacuumStmt&>(message).is_vacuumcmd) {
    result.kind = "analyze";
  }
  result.changes_catalog = std::find(without_catalog_change.begin(), without_catalog_change.end(), result.kind) ==
                           without_catalog_change.end();
  result.carries_text = std::any_of(tokens_.literals().begin(), tokens_.literals().end(), [&](const Literal& literal) {
    return literal.span.begin >= span.begin && literal.span.end <= span.end && literal.kind != LiteralKind::integer &&
           literal.kind != LiteralKind::number;
  });
  return result;
}

}  // namespace sealrow::sql::postgres
