// COPY's three formats.
#pragma once

#include "session/copy.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace sealrow::session::postgres {

// A line without its \n, \r or \r\n.
[[nodiscard]] std::string_view without_newline(std::string_view row);

[[nodiscard]] std::unique_ptr<CopyFormat> make_text_format(const plan::CopyPlan& plan);
[[nodiscard]] std::unique_ptr<CopyFormat> make_csv_format(const plan::CopyPlan& plan);
[[nodiscard]] std::unique_ptr<CopyFormat> make_binary_format(std::vector<Oid> tenant_types);

// `tenant_types`: per tenant rule, the type of the column that holds the tenant.
[[nodiscard]] std::unique_ptr<CopyFormat> make_copy_format(const plan::CopyPlan& plan, std::vector<Oid> tenant_types);

}  // namespace sealrow::session::postgres
