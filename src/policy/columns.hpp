// Reading of one column of a protected table, and of the rules between its settings.
#pragma once

#include "policy/classes.hpp"
#include "policy/yaml/document.hpp"
#include "policy/yaml/report.hpp"
#include "sealrow/policy/policy.hpp"

#include <optional>

namespace sealrow::policy {

// Nothing if the column is not sealed (its class asks for no encryption) or cannot be read (reported).
// `index_group` stays empty unless given.
[[nodiscard]] std::optional<SealedColumn> read_column(yaml::Report& report, const Classes& classes,
                                                      const yaml::Entry& entry);

}  // namespace sealrow::policy
