#include "support.hpp"

#include <cstdlib>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

using namespace sealrow;
using namespace sealrow::policy;
using namespace sealrow::policy::test;

namespace {

const std::string minimal =
    "version: 1\n"
    "backend: {host: db.internal}\n"
    "control: {user: sealrow, databases: app}\n"
    "keys: {directory: keys, passphrase_file: keys.pass}\n"
    "policy: policy.yaml\n";

std::shared_ptr<const ServerConfig> must_load_server(const std::string& yaml,
                                                     const std::string& name = "/etc/sealrow/server.yaml") {
  const auto outcome = load_server_config(yaml, name);
  INFO(all(outcome.errors));
  REQUIRE(outcome.config);
  return outcome.config;
}

// The minimal file with one of its lines replaced.
std::string with_line(int number, const std::string& text) {
  std::string out;
  std::size_t start = 0;
  for (int line = 1; start < minimal.size(); ++line) {
    const auto end = minimal.find('\n', start) + 1;
    out += line == number ? text + "\n" : minimal.substr(start, end - start);
    start = end;
  }
  return out;
}
std::string plus(const std::string& text) { return minimal + text + "\n"; }  // at line 6

const ErrorCode unknown = ErrorCode::config_unknown_key, value = ErrorCode::config_value,
                conflict = ErrorCode::config_conflict;

}  // namespace

TEST_CASE("five lines are a server configuration") {
  const auto config = must_load_server(minimal);
  REQUIRE(config->listeners.size() == 1);
  CHECK(std::get<TcpAddress>(config->listeners[0]).address == "127.0.0.1");
  CHECK(std::get<TcpAddress>(config->listeners[0]).port == 6432);
  CHECK(config->client_tls.mode == ClientTlsMode::off);
  CHECK(config->backend.port == 5432);
  CHECK(config->backend.tls.mode == BackendTlsMode::verify_full);
  CHECK(config->control.databases == std::vector<std::string>{"app"});
  CHECK_FALSE(config->control.password);
  CHECK(config->authentication.mode == AuthenticationMode::automatic);
  const auto& local = std::get<LocalKeys>(config->keys.provider);
  CHECK(config->keys.directory == "/etc/sealrow/keys");
  CHECK(config->keys.deployment == "default");
  CHECK(std::get<SecretInFile>(local.passphrase).path == "/etc/sealrow/keys.pass");
  CHECK(config->policy_file == "/etc/sealrow/policy.yaml");
  CHECK(config->workers == 0);
}

TEST_CASE("the shipped server example loads and names the shipped policy") {
  const auto outcome = load_server_config_file(source_path("config/server.example.yaml"));
  INFO(all(outcome.errors));
  REQUIRE(outcome.config);
  CHECK(outcome.config->policy_file == source_path("config/policy.example.yaml"));
  CHECK(load_file(outcome.config->policy_file).policy);
  CHECK(outcome.config->client_tls.mode == ClientTlsMode::require);
  CHECK(outcome.config->listeners.size() == 2);
  CHECK(outcome.config->logging.format == log::Format::json);
}

TEST_CASE("the shipped examples of key providers load") {
  for (const auto& entry : std::filesystem::directory_iterator(source_path("config"))) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("server.") || !name.ends_with(".example.yaml")) continue;
    const auto outcome = load_server_config_file(entry.path());
    INFO(name << all(outcome.errors));
    CHECK(outcome.config);
  }
}

TEST_CASE("spellings of listeners, sizes, times and sources of secrets") {
  const auto config = must_load_server(
      "version: 1\nlisten: ['[::1]:7000', 127.0.0.2:1, {port: 7001}, {unix: run/s}, /tmp/x]\n"
      "backend: {host: /run/postgresql, port: 5433, connect_timeout: 250ms}\n"
      "control: {user: s, databases: [a, b], password_env: SEALROW_PW}\n"
      "authentication: {mode: terminate, user_list: users}\n"
      "limits: {max_connections: 5, startup_size: 4096, startup_timeout: 2min, message_size: 1MiB, buffered: 128KiB, "
      "idle_timeout: 1h}\n"
      "keys: {directory: /var/k, passphrase_env: PASS}\npolicy: ../p.yaml\nworkers: 3\ndrain_timeout: 0s\nmemory_lock: "
      "required\n",
      "conf/server.yaml");
  REQUIRE(config->listeners.size() == 5);
  CHECK(std::get<TcpAddress>(config->listeners[0]).address == "::1");
  CHECK(std::get<TcpAddress>(config->listeners[1]).port == 1);
  CHECK(std::get<TcpAddress>(config->listeners[2]).port == 7001);
  CHECK(std::get<UnixAddress>(config->listeners[3]).path == "conf/run/s");
  CHECK(std::get<UnixAddress>(config->listeners[4]).path == "/tmp/x");
  CHECK(config->backend.is_unix_socket());
  CHECK(config->backend.tls.mode == BackendTlsMode::disable);
  CHECK(config->backend.connect_timeout == Milliseconds(250));
  CHECK(std::get<SecretInEnvironment>(*config->control.password).variable == "SEALROW_PW");
  CHECK(config->authentication.user_list == "conf/users");
  CHECK(config->limits.startup_size == 4096);
  CHECK(config->limits.startup_timeout == Milliseconds(120'000));
  CHECK(config->limits.message_size == 1u << 20);
  CHECK(config->limits.idle_timeout == Milliseconds(3'600'000));
  CHECK(config->policy_file == "p.yaml");
  CHECK(config->workers == 3);
  CHECK(config->drain_timeout == Milliseconds(0));
  CHECK(config->memory_lock == MemoryLock::required);
}

TEST_CASE("MySQL has ports of its own and needs no list of databases") {
  const auto config = must_load_server(with_line(3, "control: {user: sealrow}\nprotocol: mysql"));
  CHECK(config->protocol == Protocol::mysql);
  CHECK(std::get<TcpAddress>(config->listeners.at(0)).port == 6306);
  CHECK(config->backend.port == 3306);
  CHECK(config->control.databases.empty());
  CHECK(config->mysql.local_infile);
}

TEST_CASE("a wrong server configuration is refused at its place") {
  const BadFile files[] = {
      {"missing backend", with_line(2, "protocol: postgres"), value, "1:1", "'backend' is missing", ""},
      {"missing host", with_line(2, "backend: {port: 1}"), value, "2:10", "'host' is missing", ""},
      {"port", with_line(2, "backend: {host: h, port: 70000}"), value, "2:26", "between 1 and 65535", ""},
      {"negative port", with_line(2, "backend: {host: h, port: -1}"), value, "2:26", "whole number", ""},
      {"misspelt", plus("workes: 2"), unknown, "6:1", "unknown key 'workes'", "'workers'"},
      {"of later", plus("metrics: {}"), unknown, "6:1", "'metrics' is not implemented by this build", ""},
      {"unknown protocol", plus("protocol: oracle"), value, "6:11", "'oracle'", ""},
      {"databases of MySQL", plus("protocol: mysql"), conflict, "3:26", "databases has no effect", ""},
      {"mysql without its protocol", plus("mysql: {local_infile: false}"), conflict, "6:1", "no effect",
       "protocol: mysql"},
      {"provider of later", with_line(4, "keys: {provider: kmip, directory: k, passphrase_env: P}"), value, "4:18",
       "'kmip' is not implemented", ""},
      {"password in clear", with_line(3, "control: {user: s, databases: a, password: hunter2}"), unknown, "3:34",
       "unknown key 'password'", "'password_file'"},
      {"two passwords", with_line(3, "control: {user: s, databases: a, password_file: f, password_env: E}"), conflict,
       "3:52", "exclude", ""},
      {"password and passfile", with_line(3, "control: {user: s, databases: a, password_file: f, passfile: p}"),
       conflict, "3:52", "exclude", ""},
      {"database twice", with_line(3, "control: {user: s, databases: [a, a]}"), conflict, "3:35", "listed twice", ""},
      {"no database", with_line(3, "control: {user: s, databases: []}"), value, "3:31", "names no database", ""},
      {"no passphrase", with_line(4, "keys: {directory: k}"), value, "4:7", "passphrase_file or passphrase_env", ""},
      {"local in production", with_line(4, "keys: {directory: k, passphrase_env: P, production: true}"), conflict,
       "4:41", "refused in production", "KMS"},
      {"aws without its section", with_line(4, "keys: {provider: aws, directory: k}"), value, "4:7", "'aws' is missing",
       ""},
      {"aws without a key", with_line(4, "keys: {provider: aws, directory: k, aws: {region: r}}"), value, "4:42",
       "'key' is missing", ""},
      {"aws with a passphrase", with_line(4, "keys: {provider: aws, directory: k, aws: {key: a}, passphrase_env: P}"),
       conflict, "4:52", "no effect with provider 'aws'", ""},
      {"section of another provider", with_line(4, "keys: {directory: k, passphrase_env: P, aws: {key: a}}"), conflict,
       "4:41", "no effect with provider 'local'", "provider: aws"},
      {"endpoint in clear", with_line(4, "keys: {provider: aws, directory: k, aws: {key: a, endpoint: 'http://kms/'}}"),
       conflict, "4:51", "clear text", "https"},
      {"endpoint in clear in production",
       with_line(4,
                 "keys: {provider: aws, directory: k, production: true, aws: {key: a, endpoint: 'http://127.0.0.1/'}}"),
       conflict, "4:69", "in production", "https"},
      {"secret of aws in clear", with_line(4, "keys: {provider: aws, directory: k, aws: {key: a, secret_key: x}}"),
       unknown, "4:51", "unknown key 'secret_key'", ""},
      {"vault without a login",
       with_line(4, "keys: {provider: vault, directory: k, vault: {endpoint: 'https://v', key: a}}"), value, "4:46",
       "one way to log in", "approle"},
      {"vault with two logins",
       with_line(4,
                 "keys: {provider: vault, directory: k, vault: {endpoint: 'https://v', key: a, token_env: T, "
                 "kubernetes: {role: r}}}"),
       value, "4:46", "one way to log in", "approle"},
      {"vault without an address", with_line(4, "keys: {provider: vault, directory: k, vault: {key: a, token_env: T}}"),
       value, "4:46", "'endpoint' is missing", ""},
      {"secret id in clear",
       with_line(4,
                 "keys: {provider: vault, directory: k, vault: {endpoint: 'https://v', key: a, approle: {role_id: r, "
                 "secret_id_env: S, secret_id: x}}}"),
       unknown, "4:118", "unknown key 'secret_id'", ""},
      {"pkcs11 without a PIN",
       with_line(4, "keys: {provider: pkcs11, directory: k, pkcs11: {module: m, uri: 'pkcs11:object=k'}}"), value,
       "4:48", "pin_file or pin_env", ""},
      {"PIN in the URI",
       with_line(4,
                 "keys: {provider: pkcs11, directory: k, pkcs11: {module: m, uri: 'pkcs11:object=k?pin-value=1', "
                 "pin_env: P}}"),
       conflict, "4:60", "has a PIN", "pin_file"},
      {"no pkcs11 URI",
       with_line(4, "keys: {provider: pkcs11, directory: k, pkcs11: {module: m, uri: 'kek', pin_env: P}}"), value,
       "4:60", "does not start with pkcs11:", ""},
      {"nonce of kwp",
       with_line(4,
                 "keys: {provider: pkcs11, directory: k, pkcs11: {module: m, uri: 'pkcs11:object=k', pin_env: P, mode: "
                 "kwp, nonce: sent}}"),
       conflict, "4:107", "no effect", ""},
      {"clear to the world", plus("listen: 0.0.0.0:6432"), conflict, "6:1", "without TLS", "client_tls"},
      {"listen by name", plus("listen: localhost:6432"), value, "6:9", "not a numeric address", "127.0.0.1"},
      {"listen without port", plus("listen: 127.0.0.1"), value, "6:9", "address:port", ""},
      {"listen port 0", plus("listen: 127.0.0.1:0"), value, "6:9", "address:port", ""},
      {"listen to nothing", plus("listen: []"), value, "6:9", "names no address", ""},
      {"unix with port", plus("listen: {unix: /tmp/s, port: 5}"), conflict, "6:10", "Unix socket or an address",
       "two listeners"},
      {"unix too long", plus("listen: /" + std::string(120, 'x')), value, "6:9", "too long", ""},
      {"tls without certificate", plus("client_tls: {mode: require}"), value, "6:13", "needs a certificate", ""},
      {"certificate without key", plus("client_tls: {certificate: c}"), conflict, "6:14", "go together", ""},
      {"mutual without ca", plus("client_tls: {mode: mutual, certificate: c, key: k}"), value, "6:14",
       "needs client_ca", ""},
      {"ca without mutual", plus("client_tls: {certificate: c, key: k, client_ca: a}"), conflict, "6:38", "no effect",
       ""},
      {"tls on a unix socket", with_line(2, "backend: {host: /run, tls: {mode: require}}"), conflict, "2:29",
       "Unix socket", ""},
      {"ca without verification", with_line(2, "backend: {host: h, tls: {mode: require, ca: c}}"), conflict, "2:41",
       "no effect", ""},
      {"direct but optional", with_line(2, "backend: {host: h, tls: {mode: prefer, direct: true}}"), conflict, "2:40",
       "direct TLS", ""},
      {"terminate without verifiers", plus("authentication: {mode: terminate}"), value, "6:18", "needs a user_list",
       ""},
      {"relay with verifiers", plus("authentication: {mode: relay, user_list: f}"), conflict, "6:31", "no effect", ""},
      {"query without user", plus("authentication: {query: SELECT 1}"), value, "6:18", "no $1", "rolvaliduntil"},
      {"mode misspelt", plus("authentication: {mode: relais}"), value, "6:24", "mode 'relais'", "'relay'"},
      {"time without unit", plus("drain_timeout: 30"), value, "6:16", "a time such as 30s", ""},
      {"time too long", plus("limits: {startup_timeout: 2h}"), value, "6:27", "between 100ms and 3600s", ""},
      {"workers", plus("workers: 0"), value, "6:10", "between 1 and 1024", ""},
      {"log level", plus("log: {level: warning}"), value, "6:14", "level 'warning'", "'warn'"},
  };
  for (const BadFile& bad : files) check_bad(bad, load_server_config(bad.yaml, "p.yaml").errors);
}

TEST_CASE("a password in the wrong place is never repeated") {
  const auto outcome =
      load_server_config(with_line(3, "control: {user: s, databases: a, password: hunter2}"), "p.yaml");
  CHECK(all(outcome.errors).find("hunter2") == std::string::npos);
}

TEST_CASE("secrets come from files and the environment") {
  const auto folder = std::filesystem::temp_directory_path() / ("sealrow_secret_" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const std::string path = folder / "secret";
  const auto write = [&](const std::string& text, mode_t mode) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    REQUIRE(chmod(path.c_str(), mode) == 0);
  };
  write("s3cret\r\nsecond line\n", 0600);
  CHECK(read_secret(SecretInFile{path}).value().equals(as_bytes("s3cret")));
  write("s3cret", 0640);
  CHECK(read_secret(SecretInFile{path}).value().equals(as_bytes("s3cret")));
  write("s3cret", 0644);
  CHECK(read_secret(SecretInFile{path}).error().hint.find("chmod") == 0);
  write("\n", 0600);
  CHECK(read_secret(SecretInFile{path}).has_error());
  write(std::string(5000, 'x'), 0600);
  CHECK(read_secret(SecretInFile{path}).has_error());
  CHECK(read_secret(SecretInFile{folder}).error().code == ErrorCode::config_io);
  CHECK(read_secret(SecretInFile{path + "x"}).error().code == ErrorCode::config_io);
  std::filesystem::remove_all(folder);

  setenv("SEALROW_TEST_SECRET", "from env", 1);
  CHECK(read_secret(SecretInEnvironment{"SEALROW_TEST_SECRET"}).value().equals(as_bytes("from env")));
  unsetenv("SEALROW_TEST_SECRET");
  CHECK(read_secret(SecretInEnvironment{"SEALROW_TEST_SECRET"}).error().object == "$SEALROW_TEST_SECRET");
}
