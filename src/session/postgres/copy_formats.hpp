#pragma once

#include "copy.hpp"

namespace sealrow::session::postgres {

// A line without its \n, \r or \r\n.
[[nodiscard]] std::string_view without_newline(std::string_view row);

[[nodiscard]] std::unique_ptr<CopyFormat> make_text_format(const plan::CopyPlan& plan);
[[nodiscard]] std::unique_ptr<CopyFormat> make_csv_format(const plan::CopyPlan& plan);
[[nodiscard]] std::unique_ptr<CopyFormat> make_binary_format();

}  // namespace sealrow::session::postgres
