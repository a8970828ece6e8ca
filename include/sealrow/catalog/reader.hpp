// Reads snapshots by libpq on connections of Sealrow's own. Blocking: runs on control threads, never on a worker.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/catalog/snapshot.hpp"

#include <functional>
#include <memory>
#include <string>

namespace sealrow::catalog {

// libpq keywords and values without the database; never logged.
struct ControlConnection {
  std::string conninfo;  // "host=… port=… user=… password=… sslmode=…"
  int connect_timeout_seconds = 5;
  int statement_timeout_ms = 15000;
};

// One consistent snapshot (REPEATABLE READ, READ ONLY). Errors: catalog_unavailable.
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
  // parameter; empty result: unknown role. For terminated authentication.
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
