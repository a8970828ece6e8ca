// Traffic under a policy: statements are planned, values sealed, rows opened, and what cannot be right is refused.
// One class, by direction in several files: client_statements.cpp (Query, Parse), client_extended.cpp (Bind … Sync),
// client_copy.cpp, server_messages.cpp, rows.cpp, effects.cpp, waiting.cpp.
#pragma once

#include "names.hpp"
#include "reply_queue.hpp"
#include "scratch.hpp"
#include "traffic.hpp"
#include "work.hpp"

#include "session/clear_values.hpp"
#include "session/copy.hpp"
#include "session/read_view.hpp"
#include "session/unknown_names.hpp"
#include "session/waits.hpp"

#include "sealrow/session/postgres.hpp"
#include "sealrow/wire/postgres/messages.hpp"
#include "sealrow/wire/postgres/startup.hpp"

#include <functional>
#include <memory>
#include <set>

namespace sealrow::session::postgres {

class ProtectedTraffic final : public Traffic {
 public:
  ProtectedTraffic(const Settings& settings, Environment& environment, const wire::postgres::StartupMessage& startup);

  [[nodiscard]] wire::postgres::Decision decide(Leg from, char type, std::uint32_t body_size) override;
  [[nodiscard]] wire::postgres::Progress look(Leg from, const wire::postgres::Frame& frame,
                                              wire::postgres::Lifetime lifetime, Port& port) override;
  void on_answer(std::uint32_t id, Port& port) override;
  [[nodiscard]] bool idle() const noexcept override;

 private:
  using Frame = wire::postgres::Frame;
  using Lifetime = wire::postgres::Lifetime;
  using Progress = wire::postgres::Progress;
  using LiteralValue = std::function<Result<std::string>(std::uint32_t)>;

  // A message that was looked at in this call.
  struct Look {
    const Frame& frame;
    Lifetime lifetime;
  };
  // What planning found; `refusal` set: nothing else is.
  struct Planned {
    std::shared_ptr<const plan::Plan> plan;
    std::shared_ptr<const plan::Binding> binding;
    std::optional<Refusal> refusal;
  };

  // client
  Progress from_client(const Look& look);
  Progress on_query(const Look& look);
  Progress on_parse(const Look& look);
  Progress on_bind(const Look& look);
  Progress on_describe(const Look& look);
  Progress on_execute(const Look& look);
  Progress on_close(const Look& look);
  Progress on_sync(const Look& look);
  Progress on_function(const Look& look);
  Progress on_copy_data(const Look& look);
  Progress on_copy_end(const Look& look);

  // Query and Parse
  Planned plan_text(std::string_view text, plan::Protocol protocol, const std::vector<Oid>& types);
  // EXECUTE: the values go where the PREPAREd statement's plan says (client_execute.cpp).
  struct ExecuteEdits {
    std::vector<plan::Edit> edits;
    std::map<std::uint32_t, std::string> tokens;  // by literal
    std::string appended;                         // arguments for parameters that were split
  };
  [[nodiscard]] static bool has_executes(const plan::Plan& plan);
  Result<std::string> write_executes(std::string_view text, Activity& activity, KeyGather& keys);
  Result<std::shared_ptr<Statement>> prepared_at(const Activity& activity, std::size_t k, const std::string& name);
  Result<std::shared_ptr<Activity>> plan_execute(std::string_view text, const plan::ExecuteEffect& execute,
                                                 std::shared_ptr<Statement> statement, KeyGather& keys,
                                                 ExecuteEdits& made);
  Result<> place_argument(std::string_view text, const plan::ExecuteEffect& execute, std::uint32_t number,
                          const std::vector<plan::ParameterPlan::Sent>& sent, const Activity& run, KeyGather& keys,
                          ExecuteEdits& made);
  Result<std::uint32_t> argument_literal(const plan::ExecuteEffect& execute, std::uint32_t number) const;
  [[nodiscard]] Sealing sealing(KeyGather& keys) { return {keys, environment_.sealer(), tenants_}; }
  [[nodiscard]] ClearValues clear_values() { return {environment_.keys(), environment_.sealer()}; }
  Result<> check_reserved(const plan::Plan& plan) const;
  Progress run_query(const Look& look, std::string_view text, const Planned& planned);
  Progress send_parse(const Look& look, const wire::postgres::Parse& parse, const Planned& planned);
  std::vector<Oid> parse_types(const wire::postgres::Parse& parse, const plan::Plan& plan) const;

  // Bind
  Result<> name_tenants(const plan::Plan& plan, const Statement& statement, const wire::postgres::Bind& bind,
                        Activity& activity);
  Result<std::optional<std::string>> parameter_text(const Statement& statement, const wire::postgres::Bind& bind,
                                                    std::uint32_t number, Oid fallback) const;
  Result<> keep_parameters(const Statement& statement, const wire::postgres::Bind& bind, Activity& activity) const;
  Result<std::string> write_bind(const wire::postgres::Bind& bind, const Statement& statement, const Activity& activity,
                                 KeyGather& keys);
  Result<std::optional<std::string>> bind_value(const wire::postgres::Bind& bind, std::size_t index,
                                                const plan::ParameterPlan::Sent& sent, const Statement& statement,
                                                const Activity& activity, KeyGather& keys);
  Progress send_bind(const Look& look, const wire::postgres::Bind& bind, std::shared_ptr<Activity> activity,
                     const std::string* rewritten);
  void ask_for_shape(const std::string& portal, const std::shared_ptr<Activity>& activity);

  // refusing
  Progress refuse_query(Refusal refusal);
  Progress refuse_parse(std::string_view name, Refusal refusal);
  Progress refuse_bind(Refusal refusal);
  Progress refuse_copy(const Error& error);

  // waiting
  bool must_wait_to_plan();
  bool must_reread_catalog(const Planned& planned);
  bool wait_for_settled();
  Progress wait_for_replies();
  // Asks for what is missing; an error when it did not come after several rounds.
  Result<Progress> wait_for_keys(Leg leg, const KeyGather& keys);
  void ask_for_names();
  [[nodiscard]] bool may_inject() const noexcept;
  void progressed();

  // server
  Progress from_server(const Look& look);
  void start();
  void on_reply_end(const Look& look);
  Progress on_parameter_description(const Look& look);
  Progress on_row_description(const Look& look);
  Progress on_row(const Look& look);
  Progress on_command_complete(const Look& look);
  Progress on_error(const Look& look);
  Progress on_ready(const Look& look);
  Progress on_copy_response(const Look& look);
  Progress on_copy_out(const Look& look);
  Progress on_names_row(const Look& look);
  void confirm(const Entry& entry, char type);
  void dropped(const Entry& entry);
  void pass_on(const Look& look, const Entry* entry);
  void forget_settled(Work* work);

  // rows
  ReadView view_of(Activity& activity);
  ReadView view_of(Statement& statement);
  ReadView view_of_entry(const Entry& entry);
  // The view lives as long as the gate.
  [[nodiscard]] ReadGate gate(const ReadView& view);
  Result<bool> open_row(const ReadView& view, const Activity& activity, const std::vector<wire::postgres::Cell>& cells,
                        KeyGather& keys, std::string& out);
  void fail_current(const Error& error);
  Shape* shape_of(const Entry& entry) const;

  // effects
  void apply_effects(Activity& activity, std::string_view tag);
  void apply_effect(const plan::Effect& effect, Activity& activity, std::string_view tag);
  void apply_setting(const plan::SetSetting& set, const Activity& activity);
  void apply_transaction(const plan::TransactionControl& control, std::string_view tag);
  [[nodiscard]] static bool must_settle(const plan::StatementPlan& body);

  // sending
  void send(RequestKind kind, std::shared_ptr<Work> work, std::string_view bytes, Action action = Action::forward);
  void send(RequestKind kind, std::shared_ptr<Work> work, const Look& look);
  bool expect(RequestKind kind, std::shared_ptr<Work> work, Action action);
  void to_client(std::string_view bytes) { port_->to(Leg::client).append(bytes); }
  void to_server(std::string_view bytes) { port_->to(Leg::server).append(bytes); }

  const Settings& settings_;
  Environment& environment_;
  Names names_;
  TenantResolver tenants_;
  ReplyQueue queue_;
  Book<Statement> statements_;
  Book<Activity> portals_;
  Port* port_ = nullptr;  // during a call only

  char status_ = 'I';
  bool starting_ = true;  // the first ReadyForQuery is held until names are known
  std::unique_ptr<std::string> held_ready_;
  bool cycle_failed_ = false;  // an error since the last ReadyForQuery
  bool told_error_ = false;    // the client got an error of ours since then
  bool unsynced_ = false;      // extended messages without a Sync behind them
  bool client_skip_ = false;   // the client was told of an error that the server does not know
  std::size_t unsettled_ = 0;
  bool waits_for_replies_ = false, flushed_ = false;
  bool names_tried_ = false, catalog_tried_ = false, catalog_stale_ = false, changed_catalog_ = false;
  UnknownNames unknown_;
  bool reread_ = false;  // the catalog was read again for the message at hand
  Waits waits_;
  std::unique_ptr<CopyIn> copy_in_;
  std::unique_ptr<CopyOut> copy_out_;
  bool copy_refused_ = false;  // CopyFail was sent: the client's remaining data is dropped
};

[[nodiscard]] std::unique_ptr<Traffic> make_protected_traffic(const Settings& settings, Environment& environment,
                                                              const wire::postgres::StartupMessage& startup);

}  // namespace sealrow::session::postgres
