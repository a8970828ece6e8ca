// Traffic under a policy: statements are planned, values sealed, rows opened, and what cannot be right is refused.
#pragma once

#include "traffic.hpp"

#include "sealrow/session/postgres.hpp"
#include "sealrow/wire/postgres/startup.hpp"

#include <memory>

namespace sealrow::session::postgres {

[[nodiscard]] std::unique_ptr<Traffic> make_protected_traffic(const Settings& settings, Environment& environment,
                                                              const wire::postgres::StartupMessage& startup);

}  // namespace sealrow::session::postgres
