// MysqlSession: from the server's greeting to its OK.
#include "session.hpp"

#include "auth_math.hpp"
#include "pass_traffic.hpp"
#include "protected_traffic.hpp"

#include "sealrow/wire/mysql/replies.hpp"

namespace sealrow::session::mysql {

using wire::Progress;
using wire::mysql::Capabilities;
using wire::mysql::Frame;
using wire::mysql::has;
namespace capability = wire::mysql::capability;

namespace {

// Without these there is nothing to talk about: handshakes of before MySQL 4.1.
constexpr Capabilities required = capability::protocol_41 | capability::secure_connection;

// What changes the framing of packets, or who must answer what, in ways that are not followed.
constexpr Capabilities not_followed = capability::multi_factor | capability::com_multi | capability::ssl |
                                      capability::extension | capability::verify_server_certificate |
                                      capability::remember_options;

// Of the client's leg alone, whatever the server is able to do.
constexpr Capabilities compressions = capability::compress | capability::zstd_compression;

// Answers whose definitions were left out, rows for each of many executions.
constexpr Capabilities not_understood =
    capability::optional_metadata | capability::cache_metadata | capability::bulk_unit_results;

}  // namespace

Result<> prepare_logins(const Settings& settings) {
  // Only where the server's leg has TLS and the client's has not, the password passes through Sealrow's hands.
  if (settings.client_tls == ClientTls::require || settings.server_tls == ServerTls::disable) return {};
  SEALROW_TRY(const auto key, RsaKey::of_process());
  (void)key;
  return {};
}

// Under a policy texts, values and rows are read: what changes their form is offered only where it is understood.
Capabilities MysqlSession::followed_capabilities() const noexcept {
  const Capabilities followed = settings_.capabilities & ~not_followed;
  if (environment_.policy_is_empty()) return followed;
  return followed & ~not_understood & ~(settings_.allow_local_infile ? 0 : capability::local_files);
}

// ---- the server's greeting -----------------------------------------------------------------------------------------

Progress MysqlSession::on_greeting(const Frame& frame) {
  if (!frame.body.empty() && frame.body[0] == wire::mysql::err_header) return on_server_error(frame);
  if (auto read = read_greeting(frame.body); !read) {
    fail(read.error());
    return Progress::stop;
  }
  login_->next.server.reset(static_cast<std::uint8_t>(frame.last_sequence + 1));
  greet_client();
  return Progress::taken;
}

// "Host is blocked", "Too many connections", a time-out: the server's own words, and the end.
Progress MysqlSession::on_server_error(const Frame& frame) {
  if (frame.body.empty() || frame.body[0] != wire::mysql::err_header) {
    fail(Error{ErrorCode::protocol_violation, "unexpected packet from the server during login"});
    return Progress::stop;
  }
  std::string packet;
  wire::mysql::append_packet(packet, login_->next.client, as_text(frame.body));
  out_->to_client.append(packet);
  close("the server refused the connection");
  return Progress::stop;
}

Result<> MysqlSession::read_greeting(ByteView payload) {
  wire::mysql::Handshake handshake;
  if (!read(payload, handshake)) return Error{ErrorCode::protocol_violation, "malformed greeting from the server"};
  if (!has(handshake.capabilities, required)) {
    return Error{ErrorCode::protocol_unsupported, "the database server is older than MySQL 4.1"};
  }
  if (settings_.server_tls != ServerTls::disable && !has(handshake.capabilities, capability::ssl) &&
      settings_.server_tls != ServerTls::prefer) {
    return Error{ErrorCode::backend_tls, "the database server does not offer TLS"};
  }
  agreed_.server_version = handshake.server_version;
  agreed_.nonce = handshake.auth_data;
  agreed_.status = handshake.status;
  login_->greeting = as_text(payload);
  const Capabilities own = has(handshake.capabilities, capability::mysql) ? compressions : capability::compress;
  login_->offered = (handshake.capabilities & ~compressions & followed_capabilities()) | (own & settings_.capabilities);
  return {};
}

// The server's own connection id and nonce: KILL finds the connection, and the server can check the password itself.
void MysqlSession::greet_client() {
  wire::mysql::Handshake handshake;
  (void)read(as_bytes(login_->greeting), handshake);
  handshake.capabilities = login_->offered;
  if (settings_.client_tls != ClientTls::off) handshake.capabilities |= capability::ssl;
  std::string packet;
  append_handshake(packet, login_->next.client, handshake);
  out_->to_client.append(packet);
  greeted_ = true;
  phase_ = Phase::response;
}

bool MysqlSession::server_speaks_tls() const noexcept {
  if (settings_.server_tls == ServerTls::disable) return false;
  wire::mysql::Handshake handshake;
  return read(as_bytes(login_->greeting), handshake) && has(handshake.capabilities, capability::ssl);
}

// ---- the client's answer
// ---------------------------------------------------------------------------------------------

// By hand, not by the walker: what follows a TLS request belongs to TLS.
void MysqlSession::read_response(ByteView bytes) {
  auto& hello = login_->hello;
  hello.append(as_text(bytes.first(std::min<std::size_t>(bytes.size(), settings_.max_held))));
  if (hello.size() < wire::mysql::header_size) return;
  const auto front = as_bytes(hello);
  const std::size_t whole = wire::mysql::Layout::extent(front);
  if (whole > wire::mysql::header_size + settings_.max_preauth || bytes.size() > settings_.max_held) {
    return fail(Error{ErrorCode::message_too_large, "packet before authentication exceeds the limit"});
  }
  if (hello.size() < whole) return;
  Frame frame;
  if (!wire::mysql::read_single(front.first(whole), frame) || frame.sequence != login_->next.client.next()) {
    return fail(Error{ErrorCode::protocol_violation, "malformed answer to the greeting"});
  }
  login_->next.client.reset(static_cast<std::uint8_t>(frame.sequence + 1));
  const std::string behind = hello.substr(whole);
  if (wire::mysql::is_ssl_request(frame.body)) return begin_client_tls(frame, as_bytes(behind));
  if (!behind.empty()) client_.hold(as_bytes(behind));
  on_response(frame);
  hello.clear();
}

// The client does not wait for an answer: the first bytes of its TLS handshake may be here already.
void MysqlSession::begin_client_tls(const Frame& frame, ByteView behind) {
  wire::mysql::SslRequest request;
  if (!read(frame.body, request) || settings_.client_tls == ClientTls::off || agreed_.encryption.client) {
    return fail(Error{ErrorCode::protocol_violation, "TLS request that was not offered"});
  }
  (void)ask(StartTls{Leg::client, std::string(as_text(behind))});
  login_->hello.clear();
  phase_ = Phase::client_tls;
}

void MysqlSession::on_response(const Frame& frame) {
  login_->response = as_text(frame.body);
  if (auto fine = check_response(); !fine) return fail(fine.error());
  if (!server_speaks_tls()) return answer_server();
  std::string packet;
  append_ssl_request(packet, login_->next.server,
                     {server_capabilities() | capability::ssl, wire::mysql::max_packet + 1, login_->charset});
  out_->to_server.append(packet);
  (void)ask(StartTls{Leg::server, {}});
  phase_ = Phase::server_tls;
}

Result<> MysqlSession::check_response() {
  wire::mysql::HandshakeResponse response;
  if (!read(as_bytes(login_->response), response)) {
    return Error{ErrorCode::protocol_violation, "malformed answer to the greeting"};
  }
  // The bit that tells MySQL's clients from MariaDB's is the client's own; the rest both sides must be able to.
  agreed_.capabilities =
      (response.capabilities & login_->offered) | (response.capabilities & capability::mysql) | required;
  if (has(response.capabilities, capability::mysql)) agreed_.capabilities &= 0xFFFFFFFFu;
  login_->compression = compression_of(agreed_.capabilities);
  login_->compression_level = response.zstd_level;
  agreed_.capabilities &= ~compressions;
  agreed_.user = response.user;
  agreed_.database = response.database;
  login_->charset = response.charset;
  answered_ = true;
  if (settings_.client_tls == ClientTls::require && !agreed_.encryption.client) {
    return Error{ErrorCode::tls_required, "connections without TLS are refused"};
  }
  return {};
}

Capabilities MysqlSession::server_capabilities() const noexcept { return agreed_.capabilities; }

void MysqlSession::answer_server() {
  wire::mysql::HandshakeResponse response;
  (void)read(as_bytes(login_->response), response);
  Authentication authentication(agreed_.encryption, response.plugin, agreed_.nonce);
  if (auto allowed = authentication.check_first_answer(); !allowed) return fail(allowed.error());
  response.capabilities = server_capabilities();
  if (agreed_.encryption.server) response.capabilities |= capability::ssl;
  std::string packet;
  append_handshake_response(packet, login_->next.server, response);
  out_->to_server.append(packet);
  wipe(packet);
  login_->relay.emplace(std::move(authentication), login_->next);
  phase_ = Phase::login;
  wake(Leg::client);
}

// ---- authentication
// ---------------------------------------------------------------------------------------------------

Progress MysqlSession::on_login(Leg from, const Frame& frame) {
  auto outcome = login_->relay->take(from, frame, *this);
  if (!outcome) {
    fail(outcome.error());
    return Progress::stop;
  }
  switch (*outcome) {
    case AuthStep::Outcome::more:
      break;
    case AuthStep::Outcome::denied:
      close("the server refused the login");
      return Progress::stop;
    case AuthStep::Outcome::accepted:
      enter_traffic(frame.body);
  }
  return Progress::taken;
}

void MysqlSession::enter_traffic(ByteView ok_packet) {
  if (login_->compression) {
    // The level is zstd's.
    const int level = *login_->compression == wire::mysql::Algorithm::zstd ? login_->compression_level : 0;
    auto compression = ClientCompression::make(*login_->compression, level);
    if (!compression) return close("no memory for packet compression");
    compression_.emplace(std::move(*compression));
    client_.layout().continuity(wire::mysql::Continuity::unchecked);
  }
  wire::mysql::Ok ok;
  if (read(ok_packet, agreed_.capabilities, ok)) agreed_.status = ok.status;
  phase_ = Phase::ready;
  if (environment_.policy_is_empty())
    traffic_ = std::make_unique<PassTraffic>(environment_, std::move(agreed_));
  else
    traffic_ = make_protected_traffic(settings_, environment_, std::move(agreed_));
  agreed_ = {};
  login_.reset();
  wake(Leg::client);
}

}  // namespace sealrow::session::mysql
