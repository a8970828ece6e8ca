// From the configuration file to what each room wants to know.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/catalog/reader.hpp"
#include "sealrow/keys/admin.hpp"
#include "sealrow/net/options.hpp"
#include "sealrow/policy/loader.hpp"
#include "sealrow/policy/server_config.hpp"
#include "sealrow/session/postgres.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sealrow::cli {

template <class T>
struct Loaded {
  std::shared_ptr<const T> value;  // null: the errors say why
  std::vector<Error> errors;
};
[[nodiscard]] Loaded<policy::ServerConfig> load_config(const std::string& path);
[[nodiscard]] Loaded<policy::Policy> load_policy(const std::string& path);

[[nodiscard]] net::ServerOptions server_options(const policy::ServerConfig& config);
// Reads the user list.
[[nodiscard]] Result<session::postgres::Settings> session_settings(const policy::ServerConfig& config);
// Reads the password.
[[nodiscard]] Result<catalog::ControlConnection> control_connection(const policy::ServerConfig& config);
[[nodiscard]] Result<catalog::CatalogServiceOptions> catalog_options(const policy::ServerConfig& config);
[[nodiscard]] keys::LocalConfig local_keys(const policy::ServerConfig& config);

}  // namespace sealrow::cli
