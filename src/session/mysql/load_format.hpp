// The files that LOAD DATA reads.
#pragma once

#include "session/copy.hpp"

#include <memory>

namespace sealrow::session::mysql {

[[nodiscard]] std::unique_ptr<CopyFormat> make_load_format(const plan::CopyPlan& plan);

}  // namespace sealrow::session::mysql
