#include "policy/file.hpp"
#include "policy/keys_loader.hpp"
#include "policy/server_vocabulary.hpp"
#include "policy/yaml/document.hpp"
#include "policy/yaml/fields.hpp"
#include "sealrow/policy/server_config.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

namespace sealrow::policy {
namespace {

namespace words = server_vocabulary;
using yaml::Fields;
using yaml::shown;

constexpr yaml::Range any_port{1, 65'535};
constexpr std::uint64_t second = 1'000, hour = 3'600'000;
constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20, gibibyte = std::uint64_t{1} << 30;

enum class AddressKind { malformed, loopback, other };

AddressKind kind_of(const std::string& address) {
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == 127 ? AddressKind::loopback : AddressKind::other;
  }
  if (inet_pton(AF_INET6, address.c_str(), &v6) == 1) {
    return IN6_IS_ADDR_LOOPBACK(&v6) ? AddressKind::loopback : AddressKind::other;
  }
  return AddressKind::malformed;
}

class ServerLoader {
 public:
  ServerLoader(yaml::Report& report, std::filesystem::path folder) : report_(report), folder_(std::move(folder)) {}

  std::shared_ptr<const ServerConfig> load(const yaml::Node& root) {
    const Fields fields(report_, root, words::file);
    if (!fields.usable()) return nullptr;
    yaml::check_version(report_, fields);
    fields.choice("protocol", config_.protocol, words::protocols);
    if (is_mysql()) config_.backend.port = 3306;
    read_listeners(fields);
    if (const auto* node = fields.find("client_tls")) read_client_tls(*node);
    if (const auto* node = fields.require("backend")) read_backend(*node);
    if (const auto* node = fields.require("control")) read_control(*node);
    if (const auto* node = fields.find("authentication")) read_authentication(*node);
    if (const auto* node = fields.find("mysql")) read_mysql(fields.place("mysql"), *node);
    if (const auto* node = fields.find("limits")) read_limits(*node);
    if (const auto* node = fields.require("keys")) config_.keys = read_keys(report_, *node, folder_);
    if (const auto* node = fields.find("log")) read_log(*node);
    if (fields.require("policy")) fields.path("policy", folder_, config_.policy_file);
    read_workers(fields);
    fields.duration("drain_timeout", config_.drain_timeout, {0, hour});
    fields.choice("memory_lock", config_.memory_lock, words::memory_locks);
    check_clear_listeners(fields);
    return report_.clean() ? std::make_shared<const ServerConfig>(std::move(config_)) : nullptr;
  }

 private:
  void value_error(yaml::Position at, std::string message, std::string hint = {}) {
    report_.add(ErrorCode::config_value, at, std::move(message), std::move(hint));
  }
  void conflict(yaml::Position at, std::string message, std::string hint = {}) {
    report_.add(ErrorCode::config_conflict, at, std::move(message), std::move(hint));
  }

  [[nodiscard]] bool is_mysql() const noexcept { return config_.protocol == Protocol::mysql; }
  [[nodiscard]] std::uint16_t default_port() const noexcept { return is_mysql() ? 6306 : 6432; }

  // Settings that only PostgreSQL sessions know.
  void refuse_for_mysql(const Fields& fields, std::initializer_list<std::string_view> keys) {
    if (!is_mysql()) return;
    for (const std::string_view key : keys) {
      if (fields.has(key)) conflict(fields.place(key), std::string(key) + " has no effect with protocol 'mysql'");
    }
  }

  void read_listeners(const Fields& fields) {
    const yaml::Node* list = fields.find("listen");
    if (!list) {
      config_.listeners = {TcpAddress{"127.0.0.1", default_port()}};
      return;
    }
    if (list->kind == yaml::Kind::sequence && list->items.empty()) value_error(list->at, "listen names no address");
    for (const yaml::Node& item : yaml::items_or_one(*list)) {
      if (item.kind == yaml::Kind::scalar)
        read_short_listener(item);
      else
        read_listener(item);
    }
  }

  // "127.0.0.1:6432", "[::1]:6432" or the path of a Unix socket.
  void read_short_listener(const yaml::Node& node) {
    if (node.text.starts_with('/')) return add_unix(node.at, node.text);
    const auto colon = node.text.rfind(':');
    std::uint16_t port = 0;
    if (colon != std::string::npos) {
      const char* end = node.text.data() + node.text.size();
      const auto [rest, status] = std::from_chars(node.text.data() + colon + 1, end, port);
      if (status != std::errc{} || rest != end) port = 0;
    }
    if (port == 0) {
      return value_error(node.at, "listen must be address:port or the path of a Unix socket", "write 127.0.0.1:6432");
    }
    std::string address = node.text.substr(0, colon);
    if (address.size() > 2 && address.front() == '[' && address.back() == ']')
      address = address.substr(1, address.size() - 2);
    add_tcp(node.at, std::move(address), port);
  }

  void read_listener(const yaml::Node& node) {
    const Fields fields(report_, node, words::listener);
    if (!fields.usable()) return;
    if (const auto* path = fields.find("unix")) {
      if (fields.has("address") || fields.has("port")) {
        return conflict(fields.place("unix"), "a listener is a Unix socket or an address with a port",
                        "make them two listeners");
      }
      if (const auto text = yaml::read_text(report_, *path, "unix")) add_unix(path->at, *text);
      return;
    }
    std::string address = "127.0.0.1";
    std::uint16_t port = default_port();
    fields.text("address", address);
    fields.number("port", port, any_port);
    add_tcp(fields.place("address"), std::move(address), port);
  }

  void add_tcp(yaml::Position at, std::string address, std::uint16_t port) {
    if (kind_of(address) == AddressKind::malformed) {
      return value_error(at, "listen address " + shown(address) + " is not a numeric address",
                         "write 127.0.0.1, 0.0.0.0, ::1 or ::");
    }
    config_.listeners.emplace_back(TcpAddress{std::move(address), port});
  }

  void add_unix(yaml::Position at, const std::string& given) {
    std::string path = (folder_ / given).lexically_normal().string();
    if (path.size() >= sizeof(sockaddr_un::sun_path)) return value_error(at, "path of the Unix socket is too long");
    config_.listeners.emplace_back(UnixAddress{std::move(path)});
  }

  // Passwords and opened values would cross the network in clear.
  void check_clear_listeners(const Fields& fields) {
    if (fields.has("client_tls")) return;  // said by hand, off included
    const bool reachable = std::any_of(config_.listeners.begin(), config_.listeners.end(), [](const Listener& l) {
      const auto* tcp = std::get_if<TcpAddress>(&l);
      return tcp && kind_of(tcp->address) == AddressKind::other;
    });
    if (reachable) {
      conflict(fields.place("listen"), "listening beyond this machine without TLS",
               "add 'client_tls: {mode: require, certificate: …, key: …}', or say 'client_tls: {mode: off}' if the "
               "network is trusted");
    }
  }

  void check_pair(const Fields& fields) {
    if (fields.has("certificate") != fields.has("key")) {
      conflict(fields.place(fields.has("key") ? "key" : "certificate"), "certificate and key go together");
    }
  }

  void read_client_tls(const yaml::Node& node) {
    const Fields fields(report_, node, words::client_tls);
    if (!fields.usable()) return;
    ClientTls& tls = config_.client_tls;
    tls.mode = ClientTlsMode::require;  // whoever writes this section wants TLS
    fields.choice("mode", tls.mode, words::client_tls_modes);
    fields.path("certificate", folder_, tls.certificate);
    fields.path("key", folder_, tls.key);
    fields.path("client_ca", folder_, tls.client_ca);
    check_pair(fields);
    if (tls.mode != ClientTlsMode::off && !fields.has("certificate")) {
      value_error(node.at, "client_tls needs a certificate and a key");
    }
    if (tls.mode == ClientTlsMode::mutual && !fields.has("client_ca")) {
      value_error(fields.place("mode"), "mode 'mutual' needs client_ca");
    } else if (tls.mode != ClientTlsMode::mutual && fields.has("client_ca")) {
      conflict(fields.place("client_ca"), "client_ca has no effect unless mode is 'mutual'");
    }
  }

  void read_backend(const yaml::Node& node) {
    const Fields fields(report_, node, words::backend);
    if (fields.require("host")) fields.text("host", config_.backend.host);
    fields.number("port", config_.backend.port, any_port);
    fields.duration("connect_timeout", config_.backend.connect_timeout, {100, hour});
    // TLS does not exist on Unix sockets.
    if (config_.backend.is_unix_socket()) config_.backend.tls.mode = BackendTlsMode::disable;
    if (const auto* tls = fields.find("tls")) read_backend_tls(*tls);
  }

  void read_backend_tls(const yaml::Node& node) {
    const Fields fields(report_, node, words::backend_tls);
    if (!fields.usable()) return;
    BackendTls& tls = config_.backend.tls;
    fields.choice("mode", tls.mode, words::backend_tls_modes);
    fields.path("ca", folder_, tls.ca);
    fields.path("certificate", folder_, tls.certificate);
    fields.path("key", folder_, tls.key);
    fields.flag("direct", tls.direct);
    refuse_for_mysql(fields, {"direct"});
    check_pair(fields);
    const bool verifies = tls.mode == BackendTlsMode::verify_ca || tls.mode == BackendTlsMode::verify_full;
    if (config_.backend.is_unix_socket() && tls.mode != BackendTlsMode::disable) {
      conflict(fields.place("mode"), "TLS cannot be used on a Unix socket", "remove 'tls'");
    } else if (fields.has("ca") && !verifies) {
      conflict(fields.place("ca"), "ca has no effect unless mode is 'verify-ca' or 'verify-full'");
    } else if (tls.mode == BackendTlsMode::disable && fields.has("certificate")) {
      conflict(fields.place("certificate"), "certificate has no effect with mode 'disable'");
    }
    // libpq has the same rule: without SSLRequest there is no way to fall back.
    if (tls.direct && (tls.mode == BackendTlsMode::disable || tls.mode == BackendTlsMode::prefer)) {
      conflict(fields.place("direct"), "direct TLS needs mode 'require' or stronger");
    }
  }

  void read_control(const yaml::Node& node) {
    const Fields fields(report_, node, words::control);
    ControlConnection& control = config_.control;
    if (fields.require("user")) fields.text("user", control.user);
    refuse_for_mysql(fields, {"databases", "passfile"});
    const auto* list = is_mysql() ? nullptr : fields.require("databases");
    if (list) read_databases(*list);
    control.password = read_secret_source(report_, fields, folder_, "password");
    fields.path("passfile", folder_, control.passfile);
    if (fields.has("passfile") && control.password) {
      conflict(fields.place("passfile"), "passfile and a password exclude each other", "keep one");
    }
  }

  void read_databases(const yaml::Node& node) {
    if (node.kind == yaml::Kind::sequence && node.items.empty()) value_error(node.at, "databases names no database");
    auto& names = config_.control.databases;
    for (const yaml::Node& item : yaml::items_or_one(node)) {
      auto name = yaml::read_text(report_, item, "databases");
      if (!name) continue;
      if (std::find(names.begin(), names.end(), *name) != names.end()) {
        conflict(item.at, "database " + shown(*name) + " is listed twice");
      }
      names.push_back(std::move(*name));
    }
  }

  void read_authentication(const yaml::Node& node) {
    const Fields fields(report_, node, words::authentication);
    Authentication& auth = config_.authentication;
    fields.choice("mode", auth.mode, words::authentication_modes);
    fields.path("user_list", folder_, auth.user_list);
    fields.text("query", auth.query);
    refuse_for_mysql(fields, {"user_list", "query"});
    if (is_mysql() && auth.mode == AuthenticationMode::terminate) {
      return conflict(fields.place("mode"), "MySQL clients and server authenticate each other through Sealrow",
                      "remove 'authentication'");
    }
    const bool has_verifiers = fields.has("user_list") || fields.has("query");
    if (fields.has("user_list") && fields.has("query")) {
      conflict(fields.place("query"), "user_list and query exclude each other", "keep one");
    } else if (auth.mode == AuthenticationMode::terminate && !has_verifiers && fields.usable()) {
      value_error(fields.place("mode"), "mode 'terminate' needs a user_list or a query");
    } else if (auth.mode == AuthenticationMode::relay && has_verifiers) {
      conflict(fields.place(fields.has("query") ? "query" : "user_list"), "verifiers have no effect with mode 'relay'");
    }
    if (fields.has("query") && !auth.query.empty() && auth.query.find("$1") == std::string::npos) {
      value_error(
          fields.place("query"), "query has no $1 for the user's name",
          "SELECT rolname, rolpassword FROM pg_authid WHERE rolname = $1 AND rolcanlogin AND (rolvaliduntil IS NULL OR "
          "rolvaliduntil > now())");
    }
  }

  void read_mysql(yaml::Position at, const yaml::Node& node) {
    const Fields fields(report_, node, words::mysql);
    fields.flag("local_infile", config_.mysql.local_infile);
    if (!is_mysql()) conflict(at, "'mysql' has no effect without protocol 'mysql'", "add 'protocol: mysql'");
  }

  void read_limits(const yaml::Node& node) {
    const Fields fields(report_, node, words::limits);
    ConnectionLimits& limits = config_.limits;
    fields.number("max_connections", limits.max_connections, {1, 1'000'000});
    fields.size("startup_size", limits.startup_size, {1'024, mebibyte});
    fields.duration("startup_timeout", limits.startup_timeout, {100, hour});
    fields.size("message_size", limits.message_size, {64u << 10, gibibyte});
    fields.size("buffered", limits.buffered, {64u << 10, gibibyte});
    fields.duration("idle_timeout", limits.idle_timeout, {second, 24 * 7 * hour});
  }

  void read_log(const yaml::Node& node) {
    const Fields fields(report_, node, words::log);
    fields.choice("level", config_.logging.level, words::log_levels);
    fields.choice("format", config_.logging.format, words::log_formats);
    fields.path("file", folder_, config_.logging.file);
  }

  void read_workers(const Fields& fields) {
    const yaml::Node* node = fields.find("workers");
    if (!node || (node->kind == yaml::Kind::scalar && node->text == "auto")) return;
    fields.number("workers", config_.workers, {1, 1'024});
  }

  yaml::Report& report_;
  const std::filesystem::path folder_;
  ServerConfig config_;
};

}  // namespace

ServerConfigOutcome load_server_config(std::string_view text, const std::string& file_name) {
  yaml::Report report(file_name);
  ServerConfigOutcome outcome;
  const auto folder = std::filesystem::path(file_name).parent_path();
  if (const auto root = yaml::parse(text, report)) outcome.config = ServerLoader(report, folder).load(*root);
  outcome.errors = report.take();
  return outcome;
}

ServerConfigOutcome load_server_config_file(const std::string& path) {
  auto text = read_config_file(path);
  if (text.has_error()) return {nullptr, {std::move(text).error()}};
  return load_server_config(*text, path);
}

}  // namespace sealrow::policy
