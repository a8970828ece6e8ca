// The running daemon: everything `serve` puts together, in the order of its dependencies.
#pragma once

#include "cli/wiring.hpp"
#include "sealrow/keys/service.hpp"
#include "sealrow/net/server.hpp"
#include "sealrow/net/session_hosts.hpp"

#include <memory>
#include <string>

namespace sealrow::cli {

class Daemon {
 public:
  Daemon(std::string config_path, std::shared_ptr<const policy::ServerConfig> config)
      : config_path_(std::move(config_path)), config_(std::move(config)) {}

  // `listen` replaces the configured listeners unless it is empty.
  [[nodiscard]] Result<> start(std::shared_ptr<const policy::Policy> policy, std::vector<net::HostPort> listen);
  // Policy and certificates from the files as they are now. What is wrong is logged and changes nothing.
  void reload();
  [[nodiscard]] net::Server& server() noexcept { return *server_; }

 private:
  [[nodiscard]] Result<> open_keys(const policy::Policy& policy);
  void read_catalogs();
  const std::string config_path_;
  std::shared_ptr<const policy::ServerConfig> config_;
  std::unique_ptr<keys::KeyService> keys_;
  std::unique_ptr<net::Bindings> bindings_;  // outlives the catalog service, whose threads call it
  std::unique_ptr<catalog::CatalogService> catalogs_;
  std::unique_ptr<net::Server> server_;
  bool has_keys_ = false;
};

}  // namespace sealrow::cli
