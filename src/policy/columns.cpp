#include "policy/columns.hpp"

#include "policy/names.hpp"
#include "policy/vocabulary.hpp"
#include "policy/yaml/fields.hpp"

#include <utility>

namespace sealrow::policy {
namespace {

using vocabulary::Leakage;
using yaml::Fields;

class ColumnReader {
 public:
  ColumnReader(yaml::Report& report, const Classes& classes, const yaml::Entry& entry)
      : report_(report), classes_(classes), entry_(entry) {
    column_.name = entry.key;
  }

  std::optional<SealedColumn> read() {
    if (!check_identifier(report_, entry_.at, entry_.key, "column name")) return std::nullopt;
    if (entry_.value.kind == yaml::Kind::null) {
      report_.add(ErrorCode::config_value, entry_.at, "column " + yaml::shown(entry_.key) + " has no class",
                  "write a class after the colon, such as confidential");
      return std::nullopt;
    }
    if (entry_.value.kind == yaml::Kind::scalar) {
      if (!apply_class(entry_.value)) return std::nullopt;
      column_.id = ColumnId(column_.name);
      return column_;
    }
    const Fields fields(report_, entry_.value, vocabulary::column);
    const yaml::Node* name = fields.require("class");
    if (!name || !apply_class(*name)) {
      if (name && unsealed_) check_nothing_else(fields);
      return std::nullopt;
    }
    read_settings(fields);
    check_compression(fields);
    check_search(fields);
    check_leakage(fields);
    return column_;
  }

 private:
  // False if the column is not to be sealed, or the class is not known.
  bool apply_class(const yaml::Node& name) {
    const DataClass* found = classes_.find(report_, name);
    if (!found) return false;
    unsealed_ = found->encryption == vocabulary::Encryption::none;
    column_.class_name = name.text;
    column_.domain = DomainId(found->domain);
    column_.compression = found->compression;
    column_.suite = found->suite;
    return !unsealed_;
  }

  void check_nothing_else(const Fields& fields) {
    if (entry_.value.entries.size() == 1) return;
    report_.add(ErrorCode::config_conflict, fields.place("class"),
                "class " + yaml::shown(column_.class_name) + " is not sealed, so the other settings have no effect",
                "choose a class with 'encryption: required', or write the class alone");
  }

  void read_settings(const Fields& fields) {
    column_.id = ColumnId(label(fields, "id").value_or(column_.name));
    if (auto domain = label(fields, "domain")) column_.domain = DomainId(std::move(*domain));
    if (auto group = label(fields, "index_group")) column_.index_group = std::move(*group);
    fields.choice("suite", column_.suite, vocabulary::suites, vocabulary::suites_later);
    fields.choice("compress", column_.compression, vocabulary::compressions);
    fields.choice("search", column_.search, vocabulary::searches, vocabulary::searches_later);
    fields.choice("type", column_.type, vocabulary::types, vocabulary::types_later);
    fields.choice("acknowledge_leakage", acknowledged_, vocabulary::leakages);
    if (const yaml::Node* list = fields.find("normalize")) read_normalization(*list);
  }

  std::optional<std::string> label(const Fields& fields, std::string_view key) {
    const yaml::Node* node = fields.find(key);
    return node ? read_label(report_, *node, key) : std::nullopt;
  }

  void read_normalization(const yaml::Node& node) {
    for (const yaml::Node& item : yaml::items_or_one(node)) {
      const auto member = yaml::read_choice(report_, item, "normalize", vocabulary::normalizations);
      if (!member) continue;
      if (std::exchange(column_.normalize.*(*member), true)) conflict(item.at, "step is given twice", "");
    }
  }

  void check_compression(const Fields& fields) {
    const bool typed = column_.type != LogicalType::physical;
    const bool deterministic = column_.suite == crypto::Suite::aes_256_siv;
    if (!typed && !deterministic) return;
    if (fields.has("compress") && column_.compression == crypto::Compression::automatic) {
      conflict(fields.place("compress"),
               typed ? "a value of a logical type is never compressed" : "a deterministic suite cannot compress",
               "remove 'compress'");
    }
    column_.compression = crypto::Compression::off;  // the class's wish does not apply here
  }

  void check_search(const Fields& fields) {
    if (column_.search == Search::none) {
      for (const std::string_view key : {"normalize", "index_group"}) {
        if (fields.has(key)) {
          conflict(fields.place(key), std::string(key) + " has no effect without a search",
                   "add 'search: equality' or remove it");
        }
      }
    } else if (column_.type != LogicalType::physical && fields.has("normalize")) {
      conflict(fields.place("normalize"), "normalize applies to text only",
               "remove it: a logical type has one spelling already");
    }
  }

  // Equal values show as equal; where there are only a few possible values, that tells nearly everything.
  void check_leakage(const Fields& fields) {
    const bool equality_visible = column_.search == Search::equality || column_.suite == crypto::Suite::aes_256_siv;
    const bool acknowledged = acknowledged_ == Leakage::frequency;
    if (equality_visible && column_.type == LogicalType::boolean && !acknowledged) {
      conflict(fields.place(column_.search == Search::equality ? "search" : "suite"),
               "equal values of a boolean would be visible, which gives the values away",
               "remove it, or accept this with 'acknowledge_leakage: frequency'");
    } else if (acknowledged && !equality_visible) {
      conflict(fields.place("acknowledge_leakage"), "nothing leaks here that could be acknowledged", "remove it");
    }
  }

  void conflict(yaml::Position at, std::string message, std::string hint) {
    report_.add(ErrorCode::config_conflict, at, std::move(message), std::move(hint));
  }

  yaml::Report& report_;
  const Classes& classes_;
  const yaml::Entry& entry_;
  SealedColumn column_;
  Leakage acknowledged_ = Leakage::nothing;
  bool unsealed_ = false;
};

}  // namespace

std::optional<SealedColumn> read_column(yaml::Report& report, const Classes& classes, const yaml::Entry& entry) {
  return ColumnReader(report, classes, entry).read();
}

}  // namespace sealrow::policy
