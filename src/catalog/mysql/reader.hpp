#pragma once

#include "sealrow/catalog/reader.hpp"

namespace sealrow::catalog::mysql {

[[nodiscard]] Result<std::shared_ptr<const Snapshot>> read_snapshot(const MysqlControl&, std::uint64_t generation);

}  // namespace sealrow::catalog::mysql
