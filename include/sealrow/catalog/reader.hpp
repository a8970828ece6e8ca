// Reads snapshots on connections of Sealrow's own, by libpq or by mysql-connector-c++. Blocking: runs on control
// threads, never on a worker.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/catalog/snapshot.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

namespace sealrow::catalog {

// libpq keywords and values without the database; never logged.
struct PostgresControl {
  std::string conninfo;  // "host=… port=… user=… password=… sslmode=…"
  int connect_timeout_seconds = 5;
  int statement_timeout_ms = 15000;
};

enum class ControlTls : std::uint8_t { disable, prefer, require, verify_ca, verify_full };
// Never logged.
struct MysqlControl {
  std::string host;  // name, address, or path of a Unix socket
  std::uint16_t port = 3306;
  std::string user, password;
  ControlTls tls = ControlTls::verify_full;
  std::string ca;                // PEM file, needed to verify
  std::string certificate, key;  // PEM files of a client certificate
  int connect_timeout_seconds = 5;
  int read_timeout_seconds = 30;
};
using ControlConnection = std::variant<PostgresControl, MysqlControl>;

// One consistent snapshot: of a PostgreSQL database (REPEATABLE READ, READ ONLY), or of a whole MySQL server, whose
// databases are schemas (`database` is "" then): read again while definitions change. Errors: catalog_unavailable.
[[nodiscard]] Result<std::shared_ptr<const Snapshot>> read_snapshot(const ControlConnection&,
                                                                    const std::string& database,
                                                                    std::uint64_t generation);

// Snapshots of all databases in use, thread-safe. A reading that finds nothing changed gives the old snapshot.
// `current` never blocks; `refresh` runs on the service's thread, coalesces requests and calls `done` exactly once
// (also on failure: then the old snapshot stays and `current` reports the error if there is none). Concurrent refreshes
// of one database share a read that STARTED after the request.
class CatalogService {
 public:
  virtual ~CatalogService() = default;
  [[nodiscard]] virtual std::shared_ptr<const Snapshot> current(const std::string& database) const = 0;
  virtual void refresh(const std::string& database,
                       std::function<void(Result<std::shared_ptr<const Snapshot>>)> done) = 0;
  // SCRAM verifier ("SCRAM-SHA-256$…") or "md5…" of a role that may log in now, by the configured query with one
  // parameter; empty result: unknown role. For terminated authentication, which PostgreSQL sessions have.
  virtual void fetch_verifier(const std::string& user, std::function<void(Result<std::string>)> done) = 0;
};

struct CatalogServiceOptions {
  ControlConnection connection;
  std::string auth_query =
      "SELECT rolpassword FROM pg_catalog.pg_authid WHERE rolname = $1 AND rolcanlogin AND "
      "(rolvaliduntil IS NULL OR rolvaliduntil > now())";
  std::string auth_database = "postgres";
};
[[nodiscard]] std::unique_ptr<CatalogService> make_catalog_service(CatalogServiceOptions options);

}  // namespace sealrow::catalog
