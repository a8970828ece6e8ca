// From the configuration file to what each room wants to know.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/catalog/reader.hpp"
#include "sealrow/keys/admin.hpp"
#include "sealrow/net/options.hpp"
#include "sealrow/net/session_hosts.hpp"
#include "sealrow/policy/loader.hpp"
#include "sealrow/policy/server_config.hpp"

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
// A policy that the protocol of `config` can follow.
[[nodiscard]] Loaded<policy::Policy> load_policy(const policy::ServerConfig& config, const std::string& path);

[[nodiscard]] net::ServerOptions server_options(const policy::ServerConfig& config);
// Reads the user list.
[[nodiscard]] Result<net::Protocol> session_protocol(const policy::ServerConfig& config);
// What catalogs there are to read: of each PostgreSQL database, or the one of a MySQL server, which is called "".
[[nodiscard]] std::vector<std::string> catalog_names(const policy::ServerConfig& config);
// Reads the password.
[[nodiscard]] Result<catalog::ControlConnection> control_connection(const policy::ServerConfig& config);
[[nodiscard]] Result<catalog::CatalogServiceOptions> catalog_options(const policy::ServerConfig& config);
[[nodiscard]] keys::KeysConfig keys_config(const policy::ServerConfig& config);

}  // namespace sealrow::cli
