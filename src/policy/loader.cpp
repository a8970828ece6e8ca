#include "sealrow/policy/loader.hpp"

#include "policy/classes.hpp"
#include "policy/columns.hpp"
#include "policy/file.hpp"
#include "policy/names.hpp"
#include "policy/tenants.hpp"
#include "policy/vocabulary.hpp"
#include "policy/yaml/document.hpp"
#include "policy/yaml/fields.hpp"

#include <atomic>
#include <map>
#include <set>
#include <utility>

namespace sealrow::policy {
namespace {

using yaml::Fields;
using yaml::shown;

std::string identifier_of(const QualifiedName& name) { return name.schema + "." + name.name; }

// Columns that share equality tags must make them alike, or a join between them would silently find nothing.
class IndexGroups {
 public:
  explicit IndexGroups(yaml::Report& report) : report_(report) {}

  void add(const SealedColumn& column, yaml::Position at, yaml::Position group_at, bool named) {
    const auto [entry, fresh] = groups_.try_emplace(column.index_group, Member{column, named});
    if (fresh) return;
    const auto& [first, first_named] = entry->second;
    const auto same = [](const Normalization& a, const Normalization& b) {
      return a.trim == b.trim && a.lower == b.lower && a.nfc == b.nfc;
    };
    if (!named && !first_named) {
      report_.add(ErrorCode::config_conflict, at,
                  "index group " + shown(column.index_group) + " is the default of two columns",
                  "give one of the tables another id");
    } else if (first.domain != column.domain || first.type != column.type || !same(first.normalize, column.normalize)) {
      report_.add(ErrorCode::config_conflict, group_at,
                  "columns of index group " + shown(column.index_group) + " differ in domain, type or normalize",
                  "give them the same, or groups of their own");
    }
  }

 private:
  struct Member {
    SealedColumn column;
    bool named;
  };
  yaml::Report& report_;
  std::map<std::string, Member> groups_;
};

class Loader {
 public:
  explicit Loader(yaml::Report& report) : report_(report), groups_(report) {}

  std::shared_ptr<const Policy> load(const yaml::Node& root) {
    const Fields fields(report_, root, vocabulary::file);
    if (!fields.usable()) return nullptr;
    yaml::check_version(report_, fields);
    if (const auto* node = fields.find("classes")) classes_.read(report_, *node);
    if (const auto* node = fields.find("tenant")) default_tenant_ = read_tenant_sources(report_, *node);
    has_default_tenant_ = fields.has("tenant");
    if (const auto* node = fields.find("tables")) read_tables(*node);
    if (const auto* node = fields.find("allow")) read_allowances(*node);
    if (const auto* node = fields.find("limits")) read_limits(*node);
    if (!report_.clean()) return nullptr;
    static std::atomic<std::uint64_t> generations{0};
    policy_.generation = ++generations;
    return std::make_shared<const Policy>(std::move(policy_));
  }

 private:
  void read_tables(const yaml::Node& node) {
    if (node.kind != yaml::Kind::sequence) {
      report_.add(ErrorCode::config_value, node.at, "tables must be a list",
                  "begin each table with '- table: schema.name'");
      return;
    }
    for (const yaml::Node& item : node.items) read_table(item);
  }

  void read_table(const yaml::Node& node) {
    const Fields fields(report_, node, vocabulary::table);
    const yaml::Node* name_node = fields.require("table");
    const yaml::Node* columns = fields.require("columns");
    const auto name = name_node ? read_qualified_name(report_, *name_node, "table") : std::nullopt;
    ProtectedTable table;
    if (name) {
      table.schema = name->schema;
      table.name = name->name;
      if (!names_.insert({name->schema, name->name}).second) {
        report_.add(ErrorCode::config_conflict, name_node->at,
                    "table " + shown(identifier_of(*name)) + " is listed twice", "merge the two");
        return;
      }
    }
    read_table_id(fields, table);
    table.tenant = table_tenant(fields, name.has_value());
    if (columns) read_columns(*columns, table);
    policy_.tables.push_back(std::move(table));
  }

  void read_table_id(const Fields& fields, ProtectedTable& table) {
    std::string id = table.schema + "." + table.name;
    if (const auto* node = fields.find("id")) {
      auto label = read_label(report_, *node, "id");
      if (!label) return;
      id = std::move(*label);
    } else if (table.name.empty()) {
      return;  // the name was reported
    }
    if (!table_ids_.insert(id).second) {
      report_.add(ErrorCode::config_conflict, fields.place(fields.has("id") ? "id" : "table"),
                  "table id " + shown(id) + " is used twice",
                  "ids are bound into every sealed value and must be unique");
    }
    table.id = TableId(std::move(id));
  }

  std::vector<TenantSource> table_tenant(const Fields& fields, bool usable) {
    if (const auto* node = fields.find("tenant")) return read_tenant_sources(report_, *node);
    if (!has_default_tenant_ && usable) {
      report_.add(ErrorCode::config_value, fields.place("table"), "table has no tenant source",
                  "add 'tenant: {column: …}' to the table, or 'tenant' at the top for all tables; "
                  "'tenant: {single: name}' if there is only one");
    }
    return default_tenant_;
  }

  void read_columns(const yaml::Node& node, ProtectedTable& table) {
    if (node.kind != yaml::Kind::mapping) {
      report_.add(ErrorCode::config_value, node.at, "columns must be a mapping of columns to classes",
                  "write 'columns: {content: confidential}'");
      return;
    }
    std::set<std::string, std::less<>> ids;
    const std::size_t before = unread_;
    for (const yaml::Entry& entry : node.entries) read_one_column(entry, table, ids);
    if (table.columns.empty() && unread_ == before) {
      report_.add(ErrorCode::config_value, node.at, "table has no sealed column",
                  "name at least one column with a class such as confidential, or remove the table");
    }
  }

  void read_one_column(const yaml::Entry& entry, ProtectedTable& table, std::set<std::string, std::less<>>& ids) {
    const std::size_t before = report_.count();
    auto column = read_column(report_, classes_, entry);
    if (report_.count() != before) ++unread_;
    if (!column) return;
    if (!ids.insert(column->id.value()).second) {
      report_.add(ErrorCode::config_conflict, entry.at,
                  "column id " + shown(column->id.value()) + " is used twice in this table",
                  "ids are bound into every sealed value and must be unique");
    }
    for (const TenantSource& source : table.tenant) {
      const auto* from_column = std::get_if<ColumnTenant>(&source);
      if (from_column && from_column->column == column->name) {
        report_.add(ErrorCode::config_conflict, entry.at,
                    "column " + shown(column->name) + " names the tenant, so it cannot be sealed",
                    "remove it from 'columns', or take the tenant from elsewhere");
      }
    }
    finish_index_group(entry, table, *column);
    table.columns.push_back(std::move(*column));
  }

  void finish_index_group(const yaml::Entry& entry, const ProtectedTable& table, SealedColumn& column) {
    const bool named = !column.index_group.empty();
    if (!named) column.index_group = table.id.value() + "." + column.id.value();
    if (column.search == Search::none) return;
    yaml::Position at = entry.at;
    for (const yaml::Entry& setting : entry.value.entries) {
      if (setting.key == "index_group") at = setting.at;
    }
    groups_.add(column, entry.at, at, named);
  }

  void read_allowances(const yaml::Node& node) {
    const Fields fields(report_, node, vocabulary::allow);
    fields.flag("do_blocks", policy_.allow_do_blocks);
    fields.flag("replication", policy_.allow_replication);
    fields.flag("missing_tables", policy_.allow_missing_tables);
    const yaml::Node* list = fields.find("functions");
    if (!list) return;
    for (const yaml::Node& item : yaml::items_or_one(*list)) {
      const auto name = read_qualified_name(report_, item, "function");
      if (!name) continue;
      if (!functions_.insert({name->schema, name->name}).second) {
        report_.add(ErrorCode::config_conflict, item.at,
                    "function " + shown(identifier_of(*name)) + " is listed twice");
      }
      policy_.allowed_functions.push_back({name->schema, name->name});
    }
  }

  void read_limits(const yaml::Node& node) {
    const Fields fields(report_, node, vocabulary::limits);
    // An envelope's text spelling is a third longer, and a PostgreSQL field ends at 1 GiB.
    fields.size("max_value_size", policy_.max_value_size, {1024, std::uint64_t{512} << 20});
  }

  yaml::Report& report_;
  Policy policy_;
  Classes classes_;
  IndexGroups groups_;
  std::vector<TenantSource> default_tenant_;
  bool has_default_tenant_ = false;
  std::size_t unread_ = 0;  // columns with a problem of their own
  std::set<std::pair<std::string, std::string>> names_, functions_;
  std::set<std::string> table_ids_;
};

}  // namespace

LoadOutcome load(std::string_view text, const std::string& file_name) {
  yaml::Report report(file_name);
  LoadOutcome outcome;
  if (const auto root = yaml::parse(text, report)) outcome.policy = Loader(report).load(*root);
  outcome.errors = report.take();
  return outcome;
}

LoadOutcome load_file(const std::string& path) {
  auto text = read_config_file(path);
  if (text.has_error()) return {nullptr, {std::move(text).error()}};
  return load(*text, path);
}

}  // namespace sealrow::policy
