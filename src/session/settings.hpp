// The session's settings as the server has them: changed by confirmed statements, with the server's own rules for
// transactions, savepoints, SET LOCAL and RESET. What cannot be followed makes the settings stale: they must be asked
// for again before anything depends on them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealrow::session {

class SettingsTracker {
 public:
  // Names whose values decide how names resolve; they cannot be followed from the text alone.
  [[nodiscard]] static bool changes_names(std::string_view setting) noexcept;

  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
  // The server's own word. `as_default`: also what RESET goes back to.
  enum class Origin : bool { start, later };
  void reported(const std::string& name, std::optional<std::string> value, Origin origin);
  // `value` none: RESET.
  enum class Span : bool { session, transaction };
  void set(const std::string& name, const std::optional<std::string>& value, Span span);
  void reset_all();

  void savepoint(const std::string& name);
  void release(const std::string& name);
  void rollback_to(const std::string& name);
  void commit();
  void rollback();
  // ReadyForQuery: an implicit transaction ends with it; `failed`: an error was seen since the last one.
  void ready(char status, bool failed);

  [[nodiscard]] bool stale() const noexcept { return stale_; }
  // Changes whenever a value may have: what was derived from the values is good while this stays.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
  void make_stale() noexcept { stale_ = true; }
  void refreshed() noexcept { stale_ = false; }

 private:
  // By name; a session has a handful, and thousands of sessions are idle.
  class Values {
   public:
    [[nodiscard]] const std::string* find(std::string_view name) const noexcept;
    void set(std::string_view name, std::string value);
    void erase(std::string_view name);
    void clear() noexcept { entries_.clear(); }

   private:
    std::vector<std::pair<std::string, std::string>> entries_;
  };
  struct State {
    Values session, local;            // local hides session until the transaction ends
    std::vector<std::string> hidden;  // RESET LOCAL: names without a value until the transaction ends
  };
  struct Savepoint {
    std::string name;
    State state;
  };
  // What a rollback needs; none while the transaction has changed nothing and has no savepoint.
  struct Transaction {
    State before;
    std::vector<Savepoint> savepoints;
  };
  State& change();  // now_, to be changed: a rollback can undo it
  Transaction& transaction();
  void end_transaction();
  void touch();

  Values defaults_;
  State now_;
  std::unique_ptr<Transaction> transaction_;
  std::uint64_t version_ = 0;
  bool names_touched_ = false;  // in this transaction
  bool stale_ = true;
};

}  // namespace sealrow::session
