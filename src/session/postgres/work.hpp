// What the protected traffic remembers per statement, per portal and per expected reply.
#pragma once

#include "refusal.hpp"
#include "reply_queue.hpp"

#include "session/kept_statement.hpp"
#include "session/read_view.hpp"

#include "sealrow/plan/planner.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sealrow::session::postgres {

// Type and format of result columns as the server said.
struct ShapeColumn {
  Oid type = 0;
  std::int16_t format = 0;
};
struct Shape {
  bool asked = false;  // a Describe is on its way
  std::optional<std::vector<ShapeColumn>> columns;
};

// A statement that the server keeps: by Parse, or by SQL PREPARE.
struct Statement : KeptStatement {
  std::map<std::size_t, std::shared_ptr<struct Activity>> sources;  // EXECUTE: the statement that it runs
  Shape shape;
  std::shared_ptr<struct Activity> passing;  // every portal of a statement without a body
};

// A running or runnable statement: a portal, a cursor, or a simple Query with all its statements.
struct Activity {
  std::shared_ptr<const plan::Plan> plan;
  std::shared_ptr<const plan::StatementPlan> body;  // portals; a Query walks through plan->statements
  std::shared_ptr<Statement> statement;             // portals: where they come from
  std::size_t index = 0;                            // statement of a Query
  bool extended = false;
  bool edited = false;
  NamedTenants named;                                  // per tenant rule: what the statement names
  Literals literals;                                   // by literal index, as far as needed
  std::vector<std::optional<std::string>> parameters;  // text of parameters that name settings
  std::vector<std::int16_t> result_formats;
  Shape shape;                                               // of the result that is coming now
  std::map<std::size_t, std::shared_ptr<Activity>> sources;  // per statement: FETCH's cursor, EXECUTE's statement
  ReadGrant granted;
  bool hold = false;    // a cursor that outlives its transaction
  bool failed = false;  // the client was told of an error: the rest is discarded
  // A portal of a pass plan: its replies are forwarded without a look.
  [[nodiscard]] bool passes() const noexcept { return extended && body == nullptr && !failed; }
  [[nodiscard]] const plan::StatementPlan* current() const noexcept {
    if (body) return body.get();
    return plan && index < plan->statements.size() ? &plan->statements[index] : nullptr;
  }
};

enum class Injected : std::uint8_t { no, names, shape, abort };

struct Work {
  Injected injected = Injected::no;
  std::string name;
  char close_kind = 0;
  std::uint64_t ticket = 0;
  std::shared_ptr<Statement> statement;  // parse, describe_statement
  std::shared_ptr<Activity> activity;    // bind, describe_portal, execute, query
  std::optional<Refusal> refusal;
  bool settles = false;  // later statements must wait until this is confirmed
};

// Names as the client may use them now, which is ahead of what the server has confirmed. A session that names nothing
// has no pages.
template <class T>
class Book {
 public:
  [[nodiscard]] std::shared_ptr<T> find(const std::string& name) const {
    if (!pages_) return nullptr;
    if (const auto it = pages_->ahead.find(name); it != pages_->ahead.end()) return it->second.second;
    return confirmed(name);
  }
  [[nodiscard]] std::shared_ptr<T> confirmed(const std::string& name) const {
    if (!pages_) return nullptr;
    const auto it = pages_->entries.find(name);
    return it == pages_->entries.end() ? nullptr : it->second;
  }
  // Null value: the name is closed.
  std::uint64_t expect(const std::string& name, std::shared_ptr<T> value) {
    pages().ahead[name] = {++last_, std::move(value)};
    return last_;
  }
  void confirm(std::uint64_t ticket, const std::string& name, std::shared_ptr<T> value) {
    give_up(ticket, name);
    if (value)
      pages().entries[name] = std::move(value);
    else
      erase(name);
  }
  void give_up(std::uint64_t ticket, const std::string& name) {
    if (!pages_) return;
    const auto it = pages_->ahead.find(name);
    if (it != pages_->ahead.end() && it->second.first == ticket) pages_->ahead.erase(it);
  }
  void erase(const std::string& name) {
    if (pages_) pages_->entries.erase(name);
  }
  void clear() {
    if (pages_) pages_->entries.clear();
  }
  template <class F>
  void erase_if(F condition) {
    if (pages_) std::erase_if(pages_->entries, [&](const auto& e) { return condition(*e.second); });
  }

 private:
  struct Pages {
    std::map<std::string, std::shared_ptr<T>> entries;
    std::map<std::string, std::pair<std::uint64_t, std::shared_ptr<T>>> ahead;
  };
  Pages& pages() {
    if (!pages_) pages_ = std::make_unique<Pages>();
    return *pages_;
  }

  std::unique_ptr<Pages> pages_;
  std::uint64_t last_ = 0;
};

}  // namespace sealrow::session::postgres
