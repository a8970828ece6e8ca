// ALTER TABLE in its several node types.
#include "sql/postgres/converter.hpp"

#include <algorithm>
#include <array>

namespace sealrow::sql::postgres {
namespace {

using Action = AlterTable::Action;

struct ActionName {
  PgQuery__AlterTableType type;
  Action action;
};
constexpr std::array<ActionName, 10> actions = {{
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn, Action::add_column},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn, Action::drop_column},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType, Action::set_type},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault, Action::set_default},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint, Action::add_constraint},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition, Action::attach_partition},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition, Action::detach_partition},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartitionFinalize, Action::detach_partition},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_AddInherit, Action::inherit},
    {PG_QUERY__ALTER_TABLE_TYPE__AT_DropInherit, Action::other},
}};

Action action_of(PgQuery__AlterTableType type) {
  const auto found = std::find_if(actions.begin(), actions.end(), [&](const ActionName& a) { return a.type == type; });
  return found == actions.end() ? Action::other : found->action;
}

bool is_relation_kind(PgQuery__ObjectType type) {
  return type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE || type == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW ||
         type == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW || type == PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE;
}

bool is_view_kind(PgQuery__ObjectType type) {
  return type == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW || type == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW;
}

}  // namespace

AlterTable Converter::alter_table(const PgQuery__AlterTableStmt& node) {
  AlterTable result;
  if (node.relation) result.table = relation(*node.relation);
  result.is_view = is_view_kind(node.objtype);
  for (const Node* command : Nodes{node.cmds, node.n_cmds}) {
    const auto* step = as<PgQuery__AlterTableCmd>(command, pg_query__alter_table_cmd__descriptor);
    if (step) result.commands.push_back(alter_command(*step));
  }
  return result;
}

AlterTable::Command Converter::alter_command(const PgQuery__AlterTableCmd& node) {
  AlterTable::Command result;
  result.action = action_of(node.subtype);
  result.column = node.name;
  if (result.action == Action::set_default && !content_of(node.def)) result.action = Action::drop_default;
  if (const auto* column = as<PgQuery__ColumnDef>(node.def, pg_query__column_def__descriptor)) {
    if (result.action == Action::set_type) {
      if (column->type_name) result.type = type(*column->type_name);
      result.expr = expr(column->raw_default);
    } else {
      result.column = column->colname;
      result.definition = column_definition(*column);
    }
  } else if (const auto* constraint = as<PgQuery__Constraint>(node.def, pg_query__constraint__descriptor)) {
    result.constraint = table_constraint(*constraint);
  } else if (const auto* partition = as<PgQuery__PartitionCmd>(node.def, pg_query__partition_cmd__descriptor)) {
    result.other = optional_relation(partition->name);
  } else if (const auto* parent = as<PgQuery__RangeVar>(node.def, pg_query__range_var__descriptor)) {
    result.other = relation(*parent);
  } else {
    result.expr = expr(node.def);
  }
  return result;
}

bool Converter::rename(const PgQuery__RenameStmt& node, Statement& out) const {
  if (!node.relation) return false;
  const bool is_column = node.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN;
  if (!is_column && !is_relation_kind(node.rename_type)) return false;
  const auto kind = is_column ? node.relation_type : node.rename_type;
  AlterTable result{.table = relation(*node.relation), .is_view = is_view_kind(kind)};
  AlterTable::Command command;
  command.action = is_column ? Action::rename_column : Action::rename_table;
  command.column = is_column ? node.subname : "";
  command.new_name = node.newname;
  result.commands.push_back(std::move(command));
  out.node = std::move(result);
  return true;
}

bool Converter::set_schema(const PgQuery__AlterObjectSchemaStmt& node, Statement& out) const {
  if (!node.relation || !is_relation_kind(node.object_type)) return false;
  AlterTable result{.table = relation(*node.relation), .is_view = is_view_kind(node.object_type)};
  AlterTable::Command command;
  command.action = Action::set_schema;
  command.new_name = node.newschema;
  result.commands.push_back(std::move(command));
  out.node = std::move(result);
  return true;
}

}  // namespace sealrow::sql::postgres
