// ProtectedTraffic: COM_QUERY and COM_STMT_PREPARE, the commands that carry a statement's text.
#include "protected_traffic.hpp"
#include "scratch.hpp"

#include <algorithm>
#include <utility>

namespace sealrow::session::mysql {

using plan::Verdict;
using wire::mysql::has;
namespace capability = wire::mysql::capability;

namespace {

// One catalog and one policy for the whole server: databases are schemas.
const std::string whole_server;

bool mentions_file(std::string_view text) {
  constexpr std::string_view word = "infile";
  const auto same = [](char a, char b) { return (a | 0x20) == b; };
  return std::ranges::search(text, word, same).begin() != text.end();
}

// A CALL has as many results as it likes: behind it nobody could tell which result belongs to which statement.
Result<> check_results_order(const plan::Plan& plan) {
  if (std::ranges::none_of(plan.statements, opens)) return {};
  for (std::size_t i = 0; i + 1 < plan.statements.size(); ++i) {
    for (const auto& effect : plan.statements[i].effects) {
      if (!std::holds_alternative<plan::SearchPathUnknown>(effect)) continue;
      return Error{ErrorCode::statement_not_understood,
                   "a text that reads sealed columns also runs something with results of its own",
                   {},
                   "send the CALL in a command of its own"};
    }
  }
  return {};
}

// In a text of several statements one may choose another database.
Result<> check_files(const plan::Plan& plan, const Names& names) {
  const bool alone = plan.statements.size() == 1;
  for (const auto& statement : plan.statements) {
    if (!statement.copy || statement.copy->lines.charset_said || (alone && names.files_are_utf8().value_or(false)))
      continue;
    return Error{ErrorCode::client_encoding,
                 "the file would be read in the character set of the database",
                 {},
                 "LOAD DATA … CHARACTER SET utf8mb4"};
  }
  return {};
}

}  // namespace

// ---- planning -------------------------------------------------------------------------------------------------------

void ProtectedTraffic::ask_for_names() {
  names_tried_ = true;
  auto run = std::make_shared<Run>();
  run->kind = Run::Kind::names;
  wire::mysql::Sequence sequence;
  std::string packet;
  append_query(packet, sequence, agreed_.capabilities, {{}, names_.question()});
  send_command(Command::query, packet, std::move(run));
}

bool ProtectedTraffic::must_wait_to_plan() {
  const auto binding = environment_.binding(whole_server);
  if ((!binding && !catalog_tried_) || catalog_stale_) {
    catalog_tried_ = true;
    catalog_stale_ = false;
    waits_.ask(*port_, RefreshCatalog{whole_server}, Leg::client);
    return true;
  }
  if (binding) names_.follow(binding->policy());
  if (!names_.stale() || names_tried_) return false;
  ask_for_names();
  return true;
}

// Once per command: a plan stands even if the names stay unknown, the server will say what it thinks of them.
bool ProtectedTraffic::must_reread_catalog(const Planned& planned) {
  const bool done = std::exchange(reread_, false);
  if (!planned.plan || planned.plan->unknown_relations.empty()) return false;
  const auto& names = planned.plan->unknown_relations;
  const Instant now = system_clock().now();
  if (done) {
    unknown_.still_unknown(names, now);
    return false;
  }
  // Definitions commit at once: nothing is hidden in an open transaction.
  const bool uses_protected = planned.plan->verdict != Verdict::pass;
  if (!unknown_.worth_reading(names, now, false, uses_protected)) return false;
  reread_ = true;
  waits_.ask(*port_, RefreshCatalog{whole_server}, Leg::client);
  return true;
}

// LOAD DATA without CHARACTER SET reads the file in the set of the current database, which the session may have
// changed.
bool ProtectedTraffic::must_ask_for_file_charset(const Planned& planned) {
  const auto unsaid = [](const plan::StatementPlan& s) { return s.copy && !s.copy->lines.charset_said; };
  if (planned.refusal || std::ranges::none_of(planned.plan->statements, unsaid)) return false;
  if (names_.files_are_utf8() || names_tried_) return false;
  ask_for_names();
  return true;
}

ProtectedTraffic::Planned ProtectedTraffic::plan_text(std::string_view text, plan::Protocol protocol) {
  Planned planned;
  planned.binding = environment_.binding(whole_server);
  if (!planned.binding) {
    planned.refusal = Error{ErrorCode::catalog_unavailable, "the database's catalog has not been read"};
    return planned;
  }
  const auto& names = names_.now();
  if (!names_.texts_are_readable()) {
    planned.refusal = Error{ErrorCode::client_encoding,
                            "statements in this character set cannot be taken apart",
                            {},
                            "use utf8mb4 (SET NAMES utf8mb4)"};
    return planned;
  }
  auto& shape = scratch().shape;
  sql::make_template(text, names.lexer, shape);
  const std::vector<Oid> no_types;
  planned.plan = environment_.plans().get(*planned.binding, names, names_.key(), {text, &shape, protocol, &no_types});
  if (planned.plan->verdict == Verdict::refuse) {
    planned.refusal = planned.plan->refusal;
  } else if (unknown_.lead_to_protected(planned.plan->unknown_relations)) {
    planned.refusal = Error{ErrorCode::name_unresolved,
                            "a relation that this session defined over a protected table is not in the catalog",
                            {},
                            "a temporary table or view over a protected table cannot be used"};
  } else if (!names.utf8 && !planned.plan->columns.empty()) {
    planned.refusal = Error{ErrorCode::client_encoding,
                            "the session's character sets must be utf8mb4 for protected tables",
                            {},
                            "SET NAMES utf8mb4"};
  }
  return planned;
}

// The text of a PREPARE is gone: it cannot be planned anew.
Result<> ProtectedTraffic::check_text_statements(const Planned& planned) const {
  for (const auto& statement : planned.plan->statements) {
    const auto* text = text_statement(statement);
    if (text == nullptr || text->binding == planned.binding) continue;
    return Error{ErrorCode::statement_not_understood,
                 "the catalog or the policy has changed since the statement was prepared",
                 {},
                 "prepare it again"};
  }
  return {};
}

StatementText ProtectedTraffic::statement_text(std::string_view text, const plan::Plan& plan) {
  return {text, scratch().shape, names_.now().lexer, plan};
}

std::optional<wire::Progress> ProtectedTraffic::unfinished(const Result<std::string>& written, const KeyGather& keys) {
  if (keys.outcome() == Outcome::failed) return refuse(keys.error());
  if (written.has_error()) return refuse(written.error());
  if (keys.outcome() == Outcome::pending) {
    auto waiting = waits_.ask_for_keys(*port_, keys, Leg::client);
    return waiting ? Progress::again : refuse(waiting.error());
  }
  waits_.have_keys(Leg::client);
  return std::nullopt;
}

// ---- COM_QUERY
// --------------------------------------------------------------------------------------------------------

wire::Progress ProtectedTraffic::on_query(const Look& look) {
  auto& query = scratch().query;
  if (!read(look.frame.body, agreed_.capabilities, query)) return broken("malformed COM_QUERY");
  if (must_wait_to_plan()) return Progress::again;
  const Planned planned = plan_text(query.text, plan::Protocol::simple);
  if (must_reread_catalog(planned) || must_ask_for_file_charset(planned)) return Progress::again;
  if (planned.refusal) return refuse(*planned.refusal);
  names_tried_ = catalog_tried_ = false;
  if (planned.plan->verdict != Verdict::pass) return run_query(look, query, planned);
  std::shared_ptr<Run> run;
  if (may_ask_for_file(query.text)) {
    run = std::make_shared<Run>();
    run->file_text = query.text;
  }
  forward_command(Command::query, look, std::move(run));
  return Progress::taken;
}

bool ProtectedTraffic::may_ask_for_file(std::string_view text) const {
  return has(agreed_.capabilities, capability::local_files) && mentions_file(text);
}

wire::Progress ProtectedTraffic::run_query(const Look& look, const wire::mysql::Query& query, const Planned& planned) {
  auto run = std::make_shared<Run>();
  run->kind = Run::Kind::query;
  run->plan = planned.plan;
  run->binding = planned.binding;
  if (may_ask_for_file(query.text)) run->file_text = query.text;
  KeyGather keys(environment_.keys());
  const auto prepare = [&]() -> Result<std::string> {
    const StatementText text = statement_text(query.text, *planned.plan);
    SEALROW_CHECK(check_settings_order(*planned.plan, names_.settings()));
    SEALROW_CHECK(check_results_order(*planned.plan));
    SEALROW_CHECK(check_files(*planned.plan, names_));
    SEALROW_CHECK(check_text_statements(planned));
    SEALROW_CHECK(clear_values().check_literals(text));
    SEALROW_CHECK(keep_literals(text, run->literals));
    return write_text(sealing(keys), text, run->named, nullptr);
  };
  const auto written = prepare();
  if (const auto stopped = unfinished(written, keys)) return *stopped;
  if (planned.plan->edits.empty()) {
    forward_command(Command::query, look, std::move(run));
    return Progress::taken;
  }
  std::string packets;
  wire::mysql::Sequence sequence;
  append_query(packets, sequence, agreed_.capabilities, {query.attributes, *written});
  if (auto fits = check_size(packets); !fits) return refuse(fits.error());
  send_command(Command::query, packets, std::move(run));
  return Progress::taken;
}

// ---- COM_STMT_PREPARE
// ---------------------------------------------------------------------------------------------------

wire::Progress ProtectedTraffic::on_prepare(const Look& look) {
  wire::mysql::TextCommand prepare;
  if (!read(look.frame.body, prepare)) return broken("malformed COM_STMT_PREPARE");
  if (must_wait_to_plan()) return Progress::again;
  const Planned planned = plan_text(prepare.text, plan::Protocol::extended);
  if (must_reread_catalog(planned)) return Progress::again;
  last_prepared_ = 0;  // what failed to be prepared cannot be run as the last one
  if (planned.refusal) return refuse(*planned.refusal);
  names_tried_ = catalog_tried_ = false;
  return send_prepare(look, prepare.text, planned);
}

wire::Progress ProtectedTraffic::send_prepare(const Look& look, std::string_view text, const Planned& planned) {
  auto run = std::make_shared<Run>();
  run->kind = Run::Kind::prepare;
  run->prepared = std::make_shared<Prepared>();
  auto& kept = *run->prepared;
  kept.plan = planned.plan;
  kept.text = text;
  kept.binding = planned.binding;
  kept.names_key = names_.key();
  if (planned.plan->verdict == Verdict::pass) {
    forward_command(Command::stmt_prepare, look, std::move(run));
    return Progress::taken;
  }
  if (!planned.plan->statements.empty())
    kept.body = std::shared_ptr<const plan::StatementPlan>(planned.plan, planned.plan->statements.data());
  KeyGather keys(environment_.keys());
  const auto prepare = [&]() -> Result<std::string> {
    const StatementText statement = statement_text(text, *planned.plan);
    SEALROW_CHECK(clear_values().check_literals(statement));
    SEALROW_CHECK(keep_literals(statement, kept.literals));
    NamedTenants named;
    return write_text(sealing(keys), statement, named, &kept.sealed_for);
  };
  const auto written = prepare();
  if (const auto stopped = unfinished(written, keys)) return *stopped;
  std::string packets;
  wire::mysql::Sequence sequence;
  append_text_command(packets, sequence, {Command::stmt_prepare, *written});
  if (auto fits = check_size(packets); !fits) return refuse(fits.error());
  send_command(Command::stmt_prepare, packets, std::move(run));
  return Progress::taken;
}

}  // namespace sealrow::session::mysql
