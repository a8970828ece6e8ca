#include "cli/daemon.hpp"

#include "sealrow/base/log.hpp"

#include <future>

namespace sealrow::cli {
namespace {

void log_errors(const char* component, const std::vector<Error>& errors) {
  for (const Error& error : errors) log::write(log::Level::error, component, error);
}

// Stands in while nothing is sealed and no key store was made.
class NoKeys final : public keys::KeyService {
 public:
  keys::Lookup<crypto::EnvelopeKey> sealing_key(const TenantId&, const DomainId&) override { return missing(); }
  keys::Lookup<crypto::EnvelopeKey> opening_key(KeyId) override { return missing(); }
  keys::Lookup<crypto::IndexKey> index_key(const TenantId&, const DomainId&) override { return missing(); }
  void fetch(const keys::KeyRequest&, std::function<void()> done) override { done(); }

 private:
  static Error missing() {
    return Error{ErrorCode::key_missing, "there is no key store", {}, "run `sealrow keys init` and restart"};
  }
};

}  // namespace

Result<> Daemon::open_keys(const policy::Policy& policy) {
  auto opened = keys::open(keys_config(*config_));
  if (opened.has_error()) {
    if (!policy.empty()) return std::move(opened).error();
    log::write(log::Level::warn, "keys", opened.error());
    log::warn("keys", "the policy protects nothing: starting without keys");
    keys_ = std::make_unique<NoKeys>();
    return {};
  }
  SEALROW_TRY(keys_, keys::make_key_service({}, opened->provider, opened->store));
  has_keys_ = true;
  return {};
}

Result<> Daemon::start(std::shared_ptr<const policy::Policy> policy, std::vector<net::HostPort> listen) {
  SEALROW_CHECK(open_keys(*policy));
  SEALROW_TRY(auto options, catalog_options(*config_));
  catalogs_ = catalog::make_catalog_service(std::move(options));
  const bool protects = !policy->empty();
  bindings_ = std::make_unique<net::Bindings>(std::move(policy), *catalogs_);
  if (protects) read_catalogs();
  if (auto faults = bindings_->admit(); !faults.empty()) {
    log_errors("policy", faults);
    return std::move(faults.front());
  }
  SEALROW_TRY(auto protocol, session_protocol(*config_));
  net::SessionServices services{std::move(protocol), bindings_.get(), keys_.get(), catalogs_.get()};
  net::ServerOptions server = server_options(*config_);
  if (!listen.empty()) server.listen.endpoints = std::move(listen);
  SEALROW_TRY(server_, net::Server::make(std::move(server), net::session_hosts(std::move(services))));
  server_->start();
  return {};
}

// A database that cannot be read now is read when the first session asks; until then its statements are refused.
void Daemon::read_catalogs() {
  std::vector<std::future<void>> readings;
  for (const std::string& database : catalog_names(*config_)) {
    auto reading = std::make_shared<std::promise<void>>();
    readings.push_back(reading->get_future());
    bindings_->refresh(database, [reading](const Result<>&) { reading->set_value(); });
  }
  for (auto& reading : readings) reading.wait();
}

void Daemon::reload() {
  auto config = load_config(config_path_);
  if (config.value == nullptr) {
    log_errors("config", config.errors);
    return log::warn("config", "reload refused: {} stays as it was", config_path_);
  }
  auto policy = load_policy(*config.value, config.value->policy_file);
  if (policy.value == nullptr) {
    log_errors("policy", policy.errors);
    return log::warn("policy", "reload refused: the policy in force stays");
  }
  if (!has_keys_ && !policy.value->empty())
    return log::warn("policy", "reload refused: there are no keys; run `sealrow keys init` and restart");
  const auto before = bindings_->policy();
  const net::ServerOptions options = server_options(*config.value);
  if (const auto done = server_->reload_tls(options.client_tls, options.backend.tls); done.has_error()) {
    log::write(log::Level::error, "net", done.error());
    return log::warn("net", "reload refused: certificates and policy in force stay");
  }
  if (!policy.value->empty()) read_catalogs();  // the schema may have been changed for this policy just now
  if (const auto faults = bindings_->replace_policy(policy.value); !faults.empty()) {
    log_errors("policy", faults);
    return log::warn("policy", "reload refused: the policy in force stays");
  }
  for (const std::string& line : policy::diff(*before, *policy.value)) log::info("policy", "changed: {}", line);
  log::info("policy", "reloaded {}", config.value->policy_file);
}

}  // namespace sealrow::cli
