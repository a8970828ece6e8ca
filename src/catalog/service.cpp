// Two threads: one reads snapshots, one fetches verifiers, so that a login never waits for a long catalog.
#include "catalog/control.hpp"
#include "sealrow/catalog/reader.hpp"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace sealrow::catalog {
namespace {

using SnapshotDone = std::function<void(Result<std::shared_ptr<const Snapshot>>)>;
using VerifierDone = std::function<void(Result<std::string>)>;

constexpr std::size_t max_waiting_logins = 4096;

Error stopped() { return Error{ErrorCode::catalog_unavailable, "database catalog cannot be read", "shutting down"}; }

class Service final : public CatalogService {
 public:
  explicit Service(CatalogServiceOptions options)
      : options_(std::move(options)), reader_([this] { read_snapshots(); }), login_([this] { fetch_verifiers(); }) {}

  ~Service() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    reader_.join();
    login_.join();
    for (auto& [database, waiting] : refreshes_)
      for (const SnapshotDone& done : waiting) done(stopped());
    for (auto& [user, done] : logins_) done(stopped());
  }

  std::shared_ptr<const Snapshot> current(const std::string& database) const override {
    const std::lock_guard lock(mutex_);
    const auto found = snapshots_.find(database);
    return found == snapshots_.end() ? nullptr : found->second;
  }

  void refresh(const std::string& database, SnapshotDone done) override {
    {
      const std::lock_guard lock(mutex_);
      refreshes_[database].push_back(std::move(done));
    }
    wake_.notify_all();
  }

  void fetch_verifier(const std::string& user, VerifierDone done) override {
    {
      const std::lock_guard lock(mutex_);
      if (logins_.size() < max_waiting_logins) {
        logins_.emplace_back(user, std::move(done));
        done = nullptr;
      }
    }
    if (done) return done(Error{ErrorCode::too_many_connections, "too many logins at once"});
    wake_.notify_all();
  }

 private:
  void read_snapshots() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return stopping_ || !refreshes_.empty(); });
      if (stopping_) return;
      // Whoever asks from now on gets a reading that starts after the request.
      auto job = refreshes_.extract(refreshes_.begin());
      const std::uint64_t generation = ++generation_;
      lock.unlock();
      auto outcome = read_snapshot(options_.connection, job.key(), generation);
      lock.lock();
      if (outcome.has_value()) {
        // What has not changed keeps its generation, and with it all plans.
        auto& kept = snapshots_[job.key()];
        if (kept && kept->same_content(**outcome))
          outcome = kept;
        else
          kept = *outcome;
      }
      lock.unlock();
      for (const SnapshotDone& done : job.mapped()) done(outcome);
      lock.lock();
    }
  }

  void fetch_verifiers() {
    std::optional<Control> control;
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return stopping_ || !logins_.empty(); });
      if (stopping_) return;
      const auto [user, done] = std::move(logins_.front());
      logins_.pop_front();
      lock.unlock();
      done(verifier(control, user));
      lock.lock();
    }
  }

  // A kept connection may have died since: then once more on a new one.
  Result<std::string> verifier(std::optional<Control>& control, const std::string& user) {
    const bool kept = control.has_value();
    auto outcome = ask(control, user);
    if (outcome.has_error()) {
      control.reset();
      if (kept) outcome = ask(control, user);
    }
    return outcome;
  }

  Result<std::string> ask(std::optional<Control>& control, const std::string& user) {
    const auto* postgres = std::get_if<PostgresControl>(&options_.connection);
    if (postgres == nullptr) return Error{ErrorCode::internal, "verifiers are of PostgreSQL only"};
    if (!control) {
      SEALROW_TRY(auto opened, Control::open(*postgres, options_.auth_database));
      control.emplace(std::move(opened));
    }
    SEALROW_TRY(const Rows rows, control->query(options_.auth_query.c_str(), {user}));
    // The verifier stands in the last column: queries of other poolers give name and verifier.
    return rows.count() == 0 ? std::string() : std::string(rows.text(0, rows.columns() - 1));
  }

  const CatalogServiceOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, std::shared_ptr<const Snapshot>> snapshots_;
  std::map<std::string, std::vector<SnapshotDone>> refreshes_;  // not yet started
  std::deque<std::pair<std::string, VerifierDone>> logins_;
  std::uint64_t generation_ = 0;
  bool stopping_ = false;
  std::thread reader_, login_;
};

}  // namespace

std::unique_ptr<CatalogService> make_catalog_service(CatalogServiceOptions options) {
  return std::make_unique<Service>(std::move(options));
}

}  // namespace sealrow::catalog
