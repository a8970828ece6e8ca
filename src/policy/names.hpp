// Names as the policy file spells them.
#pragma once

#include "policy/yaml/document.hpp"
#include "policy/yaml/report.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sealrow::policy {

struct QualifiedName {
  std::string schema, name;
  friend bool operator==(const QualifiedName&, const QualifiedName&) = default;
};

// `schema.name` by SQL's rules: a part with capitals or odd characters needs double quotes. An unquoted capital is
// refused rather than folded: it is either a typing slip or a quoted name of the database, and a wrong guess would
// leave a table unprotected.
[[nodiscard]] std::optional<QualifiedName> read_qualified_name(yaml::Report& report, const yaml::Node& node,
                                                               std::string_view what);
// A column exactly as the catalog spells it.
[[nodiscard]] bool check_identifier(yaml::Report& report, yaml::Position at, std::string_view name,
                                    std::string_view what);
// Stable ids, domains, classes, labels: letters, digits and "_-.:", at most 128 characters.
[[nodiscard]] std::optional<std::string> read_label(yaml::Report& report, const yaml::Node& node,
                                                    std::string_view what);
// A session setting of two or more parts ("app.tenant_id"), in lower case: PostgreSQL compares them so.
[[nodiscard]] std::optional<std::string> read_setting(yaml::Report& report, const yaml::Node& node);

}  // namespace sealrow::policy
