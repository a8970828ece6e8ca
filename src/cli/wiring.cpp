#include "cli/wiring.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <thread>

namespace sealrow::cli {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

using policy::BackendTlsMode;
using policy::ClientTlsMode;

constexpr const char* system_authorities = "/etc/ssl/certs/ca-certificates.crt";

const char* sslmode_of(BackendTlsMode mode) {
  switch (mode) {
    case BackendTlsMode::disable:
      return "disable";
    case BackendTlsMode::prefer:
      return "prefer";
    case BackendTlsMode::require:
      return "require";
    case BackendTlsMode::verify_ca:
      return "verify-ca";
    case BackendTlsMode::verify_full:
      return "verify-full";
  }
  return "verify-full";
}

net::PeerCheck peer_check(BackendTlsMode mode) {
  switch (mode) {
    case BackendTlsMode::disable:
    case BackendTlsMode::prefer:
    case BackendTlsMode::require:
      return net::PeerCheck::none;
    case BackendTlsMode::verify_ca:
      return net::PeerCheck::chain;
    case BackendTlsMode::verify_full:
      return net::PeerCheck::host_name;
  }
  return net::PeerCheck::host_name;
}

net::TlsStart tls_start(const policy::Backend& backend) {
  // As libpq: PostgreSQL has no TLS on Unix sockets. MySQL has, for nothing.
  if (backend.is_unix_socket() || backend.tls.mode == BackendTlsMode::disable) return net::TlsStart::disabled;
  if (backend.tls.direct) return net::TlsStart::direct;
  return backend.tls.mode == BackendTlsMode::prefer ? net::TlsStart::preferred : net::TlsStart::required;
}

session::ServerTls server_tls(net::TlsStart start) {
  switch (start) {
    case net::TlsStart::disabled:
      return session::ServerTls::disable;
    case net::TlsStart::preferred:
      return session::ServerTls::prefer;
    case net::TlsStart::required:
      return session::ServerTls::require;
    case net::TlsStart::direct:
      return session::ServerTls::direct;
  }
  return session::ServerTls::require;
}

session::ClientTls client_tls(ClientTlsMode mode) {
  switch (mode) {
    case ClientTlsMode::off:
      return session::ClientTls::off;
    case ClientTlsMode::allow:
      return session::ClientTls::allow;
    case ClientTlsMode::require:
    case ClientTlsMode::mutual:
      return session::ClientTls::require;
  }
  return session::ClientTls::require;
}

session::postgres::Authentication authentication(policy::AuthenticationMode mode) {
  switch (mode) {
    case policy::AuthenticationMode::automatic:
      return session::postgres::Authentication::automatic;
    case policy::AuthenticationMode::relay:
      return session::postgres::Authentication::relay;
    case policy::AuthenticationMode::terminate:
      return session::postgres::Authentication::terminate;
  }
  return session::postgres::Authentication::automatic;
}

catalog::ControlTls control_tls(BackendTlsMode mode) {
  switch (mode) {
    case BackendTlsMode::disable:
      return catalog::ControlTls::disable;
    case BackendTlsMode::prefer:
      return catalog::ControlTls::prefer;
    case BackendTlsMode::require:
      return catalog::ControlTls::require;
    case BackendTlsMode::verify_ca:
      return catalog::ControlTls::verify_ca;
    case BackendTlsMode::verify_full:
      return catalog::ControlTls::verify_full;
  }
  return catalog::ControlTls::verify_full;
}

bool is_mysql(const policy::ServerConfig& config) { return config.protocol == policy::Protocol::mysql; }

std::string authorities(const policy::ServerConfig& config) {
  return config.backend.tls.ca.empty() ? system_authorities : config.backend.tls.ca;
}

std::uint32_t max_message(const policy::ServerConfig& config) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(config.limits.message_size, 1u << 30));
}

// key='value' of a libpq connection string.
void append_setting(std::string& conninfo, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  conninfo.append(conninfo.empty() ? "" : " ").append(key).append("='");
  for (const char c : value) {
    if (c == '\'' || c == '\\') conninfo += '\\';
    conninfo += c;
  }
  conninfo += '\'';
}

// A "quoted" word of a user list, quotes doubled inside; the rest stays in `line`.
std::optional<std::string> quoted_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  if (!line.starts_with('"')) return std::nullopt;
  line.remove_prefix(1);
  std::string word;
  while (!line.empty()) {
    const char c = line.front();
    line.remove_prefix(1);
    if (c == '"' && !line.starts_with('"')) return word;
    if (c == '"') line.remove_prefix(1);
    word += c;
  }
  return std::nullopt;
}

Result<> read_user_list(const std::string& path, std::unordered_map<std::string, std::string>& users) {
  std::ifstream file(path);
  if (!file) return Error{ErrorCode::config_io, "user list cannot be read", {}, {}, path};
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    std::string_view rest = line;
    if (rest.find_first_not_of(" \t\r") == std::string_view::npos || rest.starts_with(';') || rest.starts_with('#'))
      continue;
    auto user = quoted_word(rest);
    auto verifier = quoted_word(rest);
    if (!user || !verifier)
      return Error{ErrorCode::config_syntax,
                   "line of the user list is not \"user\" \"verifier\"",
                   {},
                   {},
                   path + ':' + std::to_string(number)};
    users[*user] = *verifier;
  }
  return {};
}

}  // namespace

Loaded<policy::ServerConfig> load_config(const std::string& path) {
  auto outcome = policy::load_server_config_file(path);
  return {std::move(outcome.config), std::move(outcome.errors)};
}

Loaded<policy::Policy> load_policy(const policy::ServerConfig& config, const std::string& path) {
  auto outcome = policy::load_file(path);
  if (outcome.policy == nullptr) return {nullptr, std::move(outcome.errors)};
  std::set<std::string> foreign;
  for (const policy::ProtectedTable& table : outcome.policy->tables)
    for (const policy::TenantSource& source : table.tenant)
      if (const auto* session = std::get_if<policy::SessionTenant>(&source))
        if (is_mysql(config) != session->setting.starts_with('@')) foreign.insert(session->setting);
  std::vector<Error> errors;
  for (const std::string& setting : foreign)
    errors.push_back({ErrorCode::config_conflict,
                      "the protocol has no session setting " + setting,
                      {},
                      is_mysql(config) ? "MySQL: write a user variable, such as \"@app_tenant\""
                                       : "PostgreSQL: write a setting of two parts, such as app.tenant_id",
                      path});
  return {errors.empty() ? std::move(outcome.policy) : nullptr, std::move(errors)};
}

std::vector<std::string> catalog_names(const policy::ServerConfig& config) {
  return is_mysql(config) ? std::vector<std::string>{""} : config.control.databases;
}

net::ServerOptions server_options(const policy::ServerConfig& config) {
  net::ServerOptions options;
  for (const policy::Listener& listener : config.listeners)
    options.listen.endpoints.push_back(std::visit(Overloaded{[](const policy::TcpAddress& tcp) {
                                                               return net::HostPort{tcp.address, tcp.port};
                                                             },
                                                             [](const policy::UnixAddress& path) {
                                                               return net::HostPort{path.path, 0};
                                                             }},
                                                  listener));
  // PostgreSQL's socket is named after its port (net::unix_path), MySQL's is the host itself.
  const bool whole_path = is_mysql(config) && config.backend.is_unix_socket();
  options.backend.hosts = {{config.backend.host, whole_path ? std::uint16_t{0} : config.backend.port}};
  options.backend.connect_timeout = config.backend.connect_timeout;
  options.backend.tls_start = tls_start(config.backend);
  const auto& tls = config.backend.tls;
  options.backend.tls = {peer_check(tls.mode), tls.ca, tls.certificate, tls.key};
  if (config.client_tls.mode != ClientTlsMode::off) {
    const bool mutual = config.client_tls.mode == ClientTlsMode::mutual;
    options.client_tls = {config.client_tls.certificate, config.client_tls.key, config.client_tls.client_ca,
                          mutual ? net::ClientCertificate::required : net::ClientCertificate::ignored,
                          is_mysql(config) ? net::DirectTls::refused : net::DirectTls::accepted};
  }
  options.limits.max_connections = config.limits.max_connections;
  options.limits.authentication_timeout = config.limits.startup_timeout;
  options.limits.idle_timeout = config.limits.idle_timeout;
  options.limits.client_high_water = config.limits.buffered;
  options.limits.drain_timeout = config.drain_timeout;
  // More threads than two lose batching and cost more per query until a core is full (src/net/README.md).
  options.workers = config.workers != 0 ? config.workers : std::clamp(std::thread::hardware_concurrency(), 1u, 2u);
  return options;
}

namespace {

Result<session::postgres::Settings> postgres_settings(const policy::ServerConfig& config) {
  session::postgres::Settings settings;
  settings.client_tls = client_tls(config.client_tls.mode);
  settings.server_tls = server_tls(tls_start(config.backend));
  settings.authentication = authentication(config.authentication.mode);
  settings.max_message = max_message(config);
  settings.max_preauth = static_cast<std::uint32_t>(config.limits.startup_size);
  if (!config.authentication.user_list.empty())
    SEALROW_CHECK(read_user_list(config.authentication.user_list, settings.users));
  return settings;
}

session::mysql::Settings mysql_settings(const policy::ServerConfig& config) {
  session::mysql::Settings settings;
  settings.client_tls = client_tls(config.client_tls.mode);
  settings.server_tls = server_tls(tls_start(config.backend));
  settings.allow_local_infile = config.mysql.local_infile;
  settings.max_message = max_message(config);
  settings.max_preauth = static_cast<std::uint32_t>(config.limits.startup_size);
  return settings;
}

Result<std::string> control_password(const policy::ServerConfig& config) {
  if (!config.control.password) return std::string();
  SEALROW_TRY(const auto password, policy::read_secret(*config.control.password));
  return std::string(as_text(password.reveal()));
}

Result<catalog::PostgresControl> postgres_control(const policy::ServerConfig& config) {
  catalog::PostgresControl connection;
  std::string& info = connection.conninfo;
  append_setting(info, "host", config.backend.host);
  append_setting(info, "port", std::to_string(config.backend.port));
  append_setting(info, "user", config.control.user);
  append_setting(info, "passfile", config.control.passfile);
  append_setting(info, "gssencmode", "disable");
  append_setting(info, "sslmode", config.backend.is_unix_socket() ? "disable" : sslmode_of(config.backend.tls.mode));
  if (peer_check(config.backend.tls.mode) != net::PeerCheck::none)
    append_setting(info, "sslrootcert", authorities(config));
  append_setting(info, "sslcert", config.backend.tls.certificate);
  append_setting(info, "sslkey", config.backend.tls.key);
  SEALROW_TRY(const std::string password, control_password(config));
  append_setting(info, "password", password);
  return connection;
}

Result<catalog::MysqlControl> mysql_control(const policy::ServerConfig& config) {
  catalog::MysqlControl connection;
  connection.host = config.backend.host;
  connection.port = config.backend.port;
  connection.user = config.control.user;
  SEALROW_TRY(connection.password, control_password(config));
  connection.tls =
      config.backend.is_unix_socket() ? catalog::ControlTls::disable : control_tls(config.backend.tls.mode);
  connection.ca = authorities(config);
  connection.certificate = config.backend.tls.certificate;
  connection.key = config.backend.tls.key;
  return connection;
}

}  // namespace

Result<net::Protocol> session_protocol(const policy::ServerConfig& config) {
  if (is_mysql(config)) {
    const auto settings = mysql_settings(config);
    SEALROW_CHECK(session::mysql::prepare_logins(settings));
    return net::mysql_protocol(settings);
  }
  SEALROW_TRY(auto settings, postgres_settings(config));
  return net::postgres_protocol(std::move(settings));
}

Result<catalog::ControlConnection> control_connection(const policy::ServerConfig& config) {
  if (is_mysql(config)) {
    SEALROW_TRY(auto connection, mysql_control(config));
    return catalog::ControlConnection(std::move(connection));
  }
  SEALROW_TRY(auto connection, postgres_control(config));
  return catalog::ControlConnection(std::move(connection));
}

Result<catalog::CatalogServiceOptions> catalog_options(const policy::ServerConfig& config) {
  catalog::CatalogServiceOptions options;
  SEALROW_TRY(options.connection, control_connection(config));
  if (!config.authentication.query.empty()) options.auth_query = config.authentication.query;
  if (!config.control.databases.empty()) options.auth_database = config.control.databases.front();
  return options;
}

}  // namespace sealrow::cli
