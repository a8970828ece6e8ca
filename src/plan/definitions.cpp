// Which definitions change what plans are made from. All others need no new reading of the catalog: a migration of
// hundreds of statements would read it after each one, in every session.
#include "plan/analyzer.hpp"

#include <algorithm>
#include <array>

namespace sealrow::plan {

namespace {

// What these change is in no snapshot, or nothing is planned by it.
constexpr std::array<std::string_view, 22> inert_utilities = {
    "grant",
    "grant_role",
    "alter_default_privileges",
    "comment",
    "sec_label",
    "reindex",
    "create_seq",
    "alter_seq",
    "create_enum",
    "alter_enum",
    "create_stats",
    "alter_stats",
    "create_role",
    "alter_role",
    "alter_role_set",
    "drop_role",
    "alter_owner",
    "create_policy",
    "alter_policy",
    "refresh_mat_view",
    "create_publication",
    "alter_publication",
};

// Without CASCADE nothing goes with them.
constexpr std::array<std::string_view, 5> inert_objects = {"index", "sequence", "type", "policy", "publication"};

template <class List>
bool is_one_of(std::string_view word, const List& list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

// A name that leads to protected data, or might in disguise: there a definition can shadow, rename, attach or hide.
bool Analyzer::names_something_protected(const sql::WordScan& scan, std::string_view text) const {
  if (text.find("U&\"") != std::string_view::npos || text.find("u&\"") != std::string_view::npos) return true;
  return std::any_of(scan.words.begin(), scan.words.end(), [&](const std::string& word) {
    return bound_.words.contains(word) || bound_.risky_words.contains(word) || bound_.setting_words.contains(word);
  });
}

bool Analyzer::changes_plans(const sql::Statement& statement) const {
  if (std::holds_alternative<sql::CreateIndex>(statement.node)) return false;
  const auto* utility = std::get_if<sql::Utility>(&statement.node);
  if (utility) return utility->changes_catalog && !is_one_of(utility->kind, inert_utilities);
  const std::string_view text = request_.text.substr(statement.span.begin, statement.span.end - statement.span.begin);
  const auto scan = sql::scan_words(text, session_.lexer);
  if (names_something_protected(scan, text)) return true;
  // Of a table that the catalog lacks nothing is planned by: it is read when it is used.
  if (const auto* create = std::get_if<sql::CreateTable>(&statement.node)) return !create->inherits.empty();
  if (std::holds_alternative<sql::CreateView>(statement.node)) return false;
  if (const auto* alter = std::get_if<sql::AlterTable>(&statement.node)) {
    return std::any_of(alter->commands.begin(), alter->commands.end(),
                       [&](const auto& command) { return changes_plans(*alter, command); });
  }
  const auto* drop = std::get_if<sql::Drop>(&statement.node);
  if (!drop || is_one_of("cascade", scan.words)) return true;
  if (is_one_of(drop->kind, inert_objects)) return false;
  return drop->kind != "table" || std::any_of(drop->names.begin(), drop->names.end(), [&](const auto& name) {
           return names_.relation(name).relation != nullptr;
         });
}

bool Analyzer::changes_plans(const sql::AlterTable& alter, const sql::AlterTable::Command& command) const {
  using Action = sql::AlterTable::Action;
  switch (command.action) {
    case Action::add_constraint:
    case Action::set_default:
    case Action::drop_default:
    case Action::other:
      return false;
    case Action::add_column:
    case Action::drop_column:
    case Action::set_type:
    case Action::rename_column:
      return names_.relation(alter.table).relation != nullptr;
    case Action::rename_table:
    case Action::set_schema:
    case Action::attach_partition:
    case Action::detach_partition:
    case Action::inherit:
      return true;
  }
  return true;
}

void Analyzer::settle_catalog_effects(const sql::Statement& statement, StatementPlan& out) {
  const bool any = std::any_of(out.effects.begin(), out.effects.end(),
                               [](const Effect& effect) { return std::holds_alternative<CatalogEffect>(effect); });
  if (!any) return;
  if (changes_plans(statement)) {
    catalog_changed_ = true;
    return;
  }
  const bool table = std::holds_alternative<sql::CreateTable>(statement.node);
  std::erase_if(out.effects, [&](Effect& effect) {
    auto* change = std::get_if<CatalogEffect>(&effect);
    if (!change) return false;
    change->reread = false;
    for (CreatedRelation& created : change->created) created.plain = table;
    return change->created.empty();
  });
}

}  // namespace sealrow::plan
