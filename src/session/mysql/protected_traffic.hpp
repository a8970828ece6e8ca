// Traffic under a policy: statements are planned, values sealed, rows opened, and what cannot be right is refused.
// One command at a time: the next one is looked at when the answer to this one has ended, so that everything that a
// plan depends on is confirmed, and our own questions fit in between. A refused command is never sent.
// One class in several files: client_commands.cpp, client_statements.cpp (texts), client_execute.cpp, client_bulk.cpp,
// client_load.cpp, server_packets.cpp, rows.cpp, effects.cpp.
#pragma once

#include "auth_relay.hpp"
#include "names.hpp"
#include "refusal.hpp"
#include "reply_tracker.hpp"
#include "traffic.hpp"
#include "work.hpp"

#include "session/clear_values.hpp"
#include "session/copy.hpp"
#include "session/unknown_names.hpp"
#include "session/waits.hpp"

#include "sealrow/session/mysql.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

namespace sealrow::session::mysql {

class ProtectedTraffic final : public Traffic {
 public:
  ProtectedTraffic(const Settings& settings, Environment& environment, Agreed agreed);

  [[nodiscard]] wire::Decision decide(Leg from, const wire::mysql::Head& head) override;
  [[nodiscard]] wire::Progress look(Leg from, const wire::mysql::Frame& frame, wire::Lifetime lifetime,
                                    Port& port) override;
  void fragment(std::uint8_t sequence) override;
  [[nodiscard]] std::uint8_t shift() const noexcept override { return shift_; }
  [[nodiscard]] std::uint8_t next_to_client() const noexcept override { return to_client_.next(); }
  void on_answer(std::uint32_t id, Port& port) override;
  [[nodiscard]] bool idle() const noexcept override;

 private:
  using Frame = wire::mysql::Frame;
  using Progress = wire::Progress;
  using Command = wire::mysql::Command;

  // A packet that was looked at in this call.
  struct Look {
    const Frame& frame;
    wire::Lifetime lifetime;
  };
  // What planning found; `refusal` set: nothing else is.
  struct Planned {
    std::shared_ptr<const plan::Plan> plan;
    std::shared_ptr<const plan::Binding> binding;
    std::optional<Error> refusal;
  };

  // client_commands.cpp
  Progress from_client(const Look& look);
  Progress on_command(Command command, const Look& look);
  Progress on_init_db(const Look& look);
  Progress on_change_user(const Look& look);
  Progress relay(Leg from, const Look& look);
  Progress broken(const char* what);
  [[nodiscard]] Result<> check_size(std::string_view packets) const;
  void forward_command(Command command, const Look& look, std::shared_ptr<Run> run);
  void send_command(Command command, std::string_view packets, std::shared_ptr<Run> run);
  Progress refuse(const Error& error, ErrorShape shape = {});

  // client_statements.cpp
  Progress on_query(const Look& look);
  Progress on_prepare(const Look& look);
  [[nodiscard]] bool may_ask_for_file(std::string_view text) const;
  Progress run_query(const Look& look, const wire::mysql::Query& query, const Planned& planned);
  Progress send_prepare(const Look& look, std::string_view text, const Planned& planned);
  Planned plan_text(std::string_view text, plan::Protocol protocol);
  [[nodiscard]] StatementText statement_text(std::string_view text, const plan::Plan& plan);
  [[nodiscard]] Sealing sealing(KeyGather& keys) { return {keys, environment_.sealer(), *tenants_}; }
  [[nodiscard]] ClearValues clear_values() { return {environment_.keys(), environment_.sealer()}; }
  bool must_wait_to_plan();
  bool must_ask_for_file_charset(const Planned& planned);
  [[nodiscard]] Result<> check_text_statements(const Planned& planned) const;
  bool must_reread_catalog(const Planned& planned);
  void ask_for_names();
  // Null: `written` stands. Otherwise the command waits or was refused.
  std::optional<Progress> unfinished(const Result<std::string>& written, const KeyGather& keys);

  // client_execute.cpp
  Progress on_execute(const Look& look);
  Progress on_long_data(const Look& look);
  Progress on_fetch(const Look& look);
  Progress on_statement_command(Command command, const Look& look);
  std::shared_ptr<Prepared> prepared_of(std::uint32_t id) const;
  Progress refuse_unknown(std::uint32_t id);
  [[nodiscard]] static wire::mysql::ParameterType sealed_type(const plan::BoundColumn& column);
  [[nodiscard]] std::optional<Progress> check_prepared(Prepared* prepared);
  Progress run_execute(const Look& look, std::shared_ptr<Prepared> prepared);
  Result<> name_tenants(const Prepared& prepared, const std::vector<wire::mysql::Parameter>& parameters,
                        NamedTenants& named) const;
  Result<> keep_parameters(const Prepared& prepared, const std::vector<wire::mysql::Parameter>& parameters,
                           Run& run) const;
  // The parameters as they are sent; sealed values stand in `made`.
  Result<std::vector<wire::mysql::Parameter>> place(const Prepared& prepared, const NamedTenants& named,
                                                    const std::vector<wire::mysql::Parameter>& parameters,
                                                    KeyGather& keys, std::deque<std::string>& made);
  Result<wire::mysql::Parameter> place_one(const Prepared& prepared, const NamedTenants& named,
                                           const wire::mysql::Parameter& parameter,
                                           const std::optional<plan::Destination>& destination, KeyGather& keys,
                                           std::deque<std::string>& made);

  // client_bulk.cpp
  Progress on_bulk(const Look& look);
  Progress run_bulk(const Look& look, std::shared_ptr<Prepared> prepared);
  Result<std::string> write_bulk(const Prepared& prepared, wire::mysql::BulkExecute& bulk, Run& run, KeyGather& keys);
  Result<> write_bulk_row(const Prepared& prepared, const wire::mysql::BulkExecute& bulk,
                          const std::vector<wire::mysql::BulkCell>& row, Run& run, KeyGather& keys,
                          std::string& packets);

  // client_load.cpp
  Progress on_file_request(const Look& look);
  void begin_load(const plan::CopyPlan& copy);
  Progress on_file_data(const Look& look);
  Progress on_file_to_seal(const Look& look);
  void end_file(const Look& look);

  // server_packets.cpp
  Progress from_server(const Look& look);
  Progress on_names_packet(Part part, const Look& look);
  Progress on_head(const Look& look);
  Progress on_prepared(const Look& look);
  Progress on_definition(Part part, const Look& look);
  Progress on_end(Part part, const Look& look);
  Progress on_error(const Look& look);
  void read_state(ByteView body);
  void result_done();
  void finished(bool succeeded);
  void pass_on(const Look& look);
  void fail_current(const Error& error);
  [[nodiscard]] bool must_look(Part part);

  // rows.cpp
  [[nodiscard]] ReadView view();
  [[nodiscard]] const TextStatement* text_statement(const plan::StatementPlan& body) const;
  Progress on_row(const Look& look);
  Result<bool> open_cells(const ReadView& view, KeyGather& keys);
  void write_row();

  // effects.cpp
  void apply_effects(Run& run);
  void apply_effect(const plan::Effect& effect, const Run& run);
  void apply_setting(const plan::SetSetting& set, const Run& run);
  void doubt_effects(const Run& run);
  void forget_session();

  void to_client(std::string_view bytes) { port_->to(Leg::client).append(bytes); }

  const Settings& settings_;
  Environment& environment_;
  Agreed agreed_;
  Names names_;
  std::optional<TenantResolver> tenants_;
  ReplyTracker reply_;
  Port* port_ = nullptr;             // during a call only
  wire::mysql::Sequence to_client_;  // id of the next packet to the client
  std::uint8_t shift_ = 0;           // between the server's ids and the client's, for packets that are passed
  std::shared_ptr<Run> run_;         // while a command is outstanding
  std::optional<CopyIn> load_;       // the file that the client streams, if it is to be sealed
  std::optional<Error> load_error_;  // why nothing more of it is sent
  wire::mysql::Sequence to_server_;  // id of the next packet of a sealed file
  std::optional<AuthRelay> auth_;    // COM_CHANGE_USER
  Agreed changed_;                   // what it agrees on
  std::unordered_map<std::uint32_t, std::shared_ptr<Prepared>> prepared_;
  std::unordered_map<std::string, TextStatement> text_statements_;  // by name in lower case
  std::uint32_t last_prepared_ = 0;                                 // 0: none
  std::uint32_t hidden_parameters_ = 0, shown_parameters_ = 0;      // definitions of the answer at hand
  bool names_tried_ = false, catalog_tried_ = false, catalog_stale_ = false;
  bool reread_ = false;  // the catalog was read again for the command at hand
  UnknownNames unknown_;
  Waits waits_;
};

[[nodiscard]] std::unique_ptr<Traffic> make_protected_traffic(const Settings& settings, Environment& environment,
                                                              Agreed agreed);

}  // namespace sealrow::session::mysql
