// Sessions for the workers: the newest policy bound to the newest catalogs, keys and verifiers.
#pragma once

#include "sealrow/catalog/reader.hpp"
#include "sealrow/keys/key_service.hpp"
#include "sealrow/net/session_host.hpp"
#include "sealrow/session/environment.hpp"
#include "sealrow/session/mysql.hpp"
#include "sealrow/session/postgres.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace sealrow::net {

// One per process, thread-safe. Binding a policy to a catalog is work for control threads; workers only read.
class Bindings {
 public:
  Bindings(std::shared_ptr<const policy::Policy> policy, catalog::CatalogService& catalogs);

  [[nodiscard]] std::shared_ptr<const plan::Binding> find(const std::string& database) const;
  // Reads the catalog anew and binds it; calls `done` once. On a failure the old binding stays.
  void refresh(const std::string& database, std::function<void(Result<>)> done);
  // Binds every known catalog to the new policy before any session sees it. Returns its faults (plan::faults): if there
  // are any, the policy in force stays.
  [[nodiscard]] std::vector<Error> replace_policy(std::shared_ptr<const policy::Policy> policy);
  // Faults of the policy over the databases read so far. From now on a database that is read for the first time is not
  // served as long as there are any.
  [[nodiscard]] std::vector<Error> admit();

  [[nodiscard]] std::shared_ptr<const policy::Policy> policy() const;
  [[nodiscard]] bool policy_is_empty() const noexcept { return empty_.load(std::memory_order_acquire); }
  // Changes with every binding: what a worker has cached is good while this stays.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

 private:
  [[nodiscard]] Result<> bind(const std::string& database, std::shared_ptr<const catalog::Snapshot> snapshot);
  catalog::CatalogService& catalogs_;
  std::mutex binding_;        // one change at a time: policy and catalog never mix
  mutable std::mutex mutex_;  // the members below
  std::shared_ptr<const policy::Policy> policy_;
  std::map<std::string, std::shared_ptr<const plan::Binding>> bindings_;
  std::map<std::string, std::shared_ptr<const catalog::Snapshot>> snapshots_;
  bool admitted_ = false;
  std::atomic<std::uint64_t> version_{1};
  std::atomic<bool> empty_{true};
};

// What differs between the protocols.
struct Protocol {
  std::function<std::unique_ptr<session::Session>(session::Environment&)> make_session;
  // Tells its client why it cannot be served, and ends.
  std::function<std::unique_ptr<session::Session>(Error reason, TlsOffer)> make_refusal;
  // The last words to a client that is not authenticated; null where none may come at that time.
  void (*append_fatal)(session::OutBuffer&, const Error&) = nullptr;
};
[[nodiscard]] Protocol postgres_protocol(session::postgres::Settings settings);
[[nodiscard]] Protocol mysql_protocol(session::mysql::Settings settings);

// The pointers outlive the server.
struct SessionServices {
  Protocol protocol;
  Bindings* bindings = nullptr;
  keys::KeyService* keys = nullptr;
  catalog::CatalogService* catalogs = nullptr;
};
[[nodiscard]] SessionHostFactory session_hosts(SessionServices services);

}  // namespace sealrow::net
