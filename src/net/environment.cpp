// What sessions of one worker share.
#include "net/batch_keys.hpp"
#include "net/small_sessions.hpp"
#include "sealrow/base/log.hpp"
#include "sealrow/net/session_hosts.hpp"

#include <unordered_map>

namespace sealrow::net {

namespace {

using BindingMap = std::map<std::string, std::shared_ptr<const plan::Binding>>;

std::vector<Error> faults_of(const BindingMap& bindings) {
  std::vector<std::shared_ptr<const plan::Binding>> all;
  for (const auto& [database, binding] : bindings) all.push_back(binding);
  return all.empty() ? std::vector<Error>{} : plan::faults(all);
}

void log_problems(const std::string& database, const plan::Binding& binding) {
  const auto level = binding.policy().allow_missing_tables ? log::Level::warn : log::Level::error;
  for (Error problem : binding.problems()) {
    problem.detail = "database " + database;
    log::write(level, "policy", problem);
  }
}

}  // namespace

Bindings::Bindings(std::shared_ptr<const policy::Policy> policy, catalog::CatalogService& catalogs)
    : catalogs_(catalogs), policy_(std::move(policy)), empty_(policy_->empty()) {}

std::shared_ptr<const plan::Binding> Bindings::find(const std::string& database) const {
  const std::lock_guard lock(mutex_);
  const auto found = bindings_.find(database);
  return found == bindings_.end() ? nullptr : found->second;
}

std::shared_ptr<const policy::Policy> Bindings::policy() const {
  const std::lock_guard lock(mutex_);
  return policy_;
}

void Bindings::refresh(const std::string& database, std::function<void(Result<>)> done) {
  catalogs_.refresh(database,
                    [this, database, done = std::move(done)](Result<std::shared_ptr<const catalog::Snapshot>> outcome) {
                      if (outcome.has_error()) {
                        Error error = std::move(outcome).error();
                        error.object = database;
                        log::write(log::Level::warn, "catalog", error);
                        return done(std::move(error));
                      }
                      const auto bound = [&]() -> Result<> {
                        const std::lock_guard one_at_a_time(binding_);
                        return bind(database, std::move(*outcome));
                      }();
                      done(bound);
                    });
}

Result<> Bindings::bind(const std::string& database, std::shared_ptr<const catalog::Snapshot> snapshot) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = bindings_.find(database);
    const bool unchanged = known != bindings_.end() && snapshots_[database] == snapshot;
    if (unchanged && &known->second->policy() == policy_.get()) return {};
  }
  auto bound = plan::Binding::make(policy(), snapshot);
  log_problems(database, *bound);
  const std::lock_guard lock(mutex_);
  if (admitted_ && !bindings_.contains(database)) {
    BindingMap all = bindings_;
    all[database] = bound;
    if (auto found = faults_of(all); !found.empty()) return std::move(found.front());
  }
  snapshots_[database] = std::move(snapshot);
  bindings_[database] = std::move(bound);
  version_.fetch_add(1, std::memory_order_release);
  return {};
}

std::vector<Error> Bindings::admit() {
  const std::lock_guard lock(mutex_);
  admitted_ = true;
  return faults_of(bindings_);
}

std::vector<Error> Bindings::replace_policy(std::shared_ptr<const policy::Policy> policy) {
  const std::lock_guard one_at_a_time(binding_);
  BindingMap bound;
  for (const auto& [database, snapshot] : snapshots_) bound[database] = plan::Binding::make(policy, snapshot);
  if (auto found = faults_of(bound); !found.empty()) return found;
  for (const auto& [database, binding] : bound) log_problems(database, *binding);
  const std::lock_guard lock(mutex_);
  empty_.store(policy->empty(), std::memory_order_release);
  policy_ = std::move(policy);
  bindings_ = std::move(bound);
  version_.fetch_add(1, std::memory_order_release);
  return {};
}

namespace {

class WorkerEnvironment final : public session::Environment {
 public:
  WorkerEnvironment(const SessionServices& services, std::unique_ptr<crypto::Sealer> sealer)
      : services_(services), keys_(*services.keys), sealer_(std::move(sealer)) {}

  std::shared_ptr<const plan::Binding> binding(const std::string& database) override {
    const std::uint64_t version = services_.bindings->version();
    if (version != seen_) {
      cached_.clear();
      seen_ = version;
    }
    if (const auto found = cached_.find(database); found != cached_.end()) return found->second;
    auto bound = services_.bindings->find(database);
    if (bound != nullptr) cached_.emplace(database, bound);
    return bound;
  }
  bool policy_is_empty() const noexcept override { return services_.bindings->policy_is_empty(); }
  keys::KeyService& keys() noexcept override { return keys_; }
  crypto::Sealer& sealer() noexcept override { return *sealer_; }
  plan::PlanCache& plans() noexcept override { return plans_; }
  void after_batch() noexcept { keys_.forget(); }

 private:
  const SessionServices& services_;
  BatchKeys keys_;
  std::unique_ptr<crypto::Sealer> sealer_;
  plan::PlanCache plans_;
  std::uint64_t seen_ = 0;
  std::unordered_map<std::string, std::shared_ptr<const plan::Binding>> cached_;  // of version seen_
};

class WorkerHost final : public SessionHost {
 public:
  WorkerHost(SessionServices services, std::unique_ptr<crypto::Sealer> sealer)
      : services_(std::move(services)), environment_(services_, std::move(sealer)) {}

  std::unique_ptr<session::Session> make_session() override { return services_.protocol.make_session(environment_); }
  std::unique_ptr<session::Session> make_refusal(Error reason, TlsOffer offer) override {
    return services_.protocol.make_refusal(std::move(reason), offer);
  }
  void append_fatal(session::OutBuffer& out, const Error& error) override {
    if (services_.protocol.append_fatal != nullptr) services_.protocol.append_fatal(out, error);
  }
  void fetch_key(const keys::KeyRequest& request, std::function<void()> done) override {
    services_.keys->fetch(request, std::move(done));
  }
  void fetch_verifier(const std::string& user, std::function<void(Result<std::string>)> done) override {
    services_.catalogs->fetch_verifier(user, std::move(done));
  }
  void after_batch() noexcept override { environment_.after_batch(); }
  void refresh_catalog(const std::string& database, std::function<void()> done) override {
    services_.bindings->refresh(database, [done = std::move(done)](const Result<>&) { done(); });
  }

 private:
  const SessionServices services_;
  WorkerEnvironment environment_;
};

}  // namespace

Protocol postgres_protocol(session::postgres::Settings settings) {
  return {[settings = std::move(settings)](session::Environment& environment) {
            return session::postgres::make_session(settings, environment);
          },
          make_refusal_session, append_fatal};
}

// An ERR packet needs its number within the handshake, which only the session knows.
Protocol mysql_protocol(session::mysql::Settings settings) {
  return {[settings](session::Environment& environment) { return session::mysql::make_session(settings, environment); },
          [](Error reason, TlsOffer) { return make_mysql_refusal_session(std::move(reason)); }, nullptr};
}

SessionHostFactory session_hosts(SessionServices services) {
  return [services = std::move(services)](unsigned) -> Result<std::unique_ptr<SessionHost>> {
    SEALROW_TRY(auto sealer, crypto::Sealer::make());
    return std::make_unique<WorkerHost>(services, std::move(sealer));
  };
}

}  // namespace sealrow::net
