// The words of the server configuration file, as vocabulary.hpp is for the policy.
#pragma once

#include "policy/yaml/fields.hpp"
#include "sealrow/policy/server_config.hpp"

#include <string_view>

namespace sealrow::policy::server_vocabulary {

using std::string_view;
using yaml::Choice;
using yaml::Keys;

inline constexpr string_view file_known[] = {
    "version", "protocol", "listen", "client_tls", "backend", "control",       "authentication", "mysql",
    "limits",  "keys",     "policy", "log",        "workers", "drain_timeout", "memory_lock"};
inline constexpr string_view file_later[] = {"admin", "metrics", "audit", "alerts", "key_store", "posture", "jobs"};
inline constexpr Keys file{"the server configuration", file_known, file_later};

inline constexpr string_view listener_known[] = {"address", "port", "unix"};
inline constexpr Keys listener{"a listener", listener_known};

inline constexpr string_view client_tls_known[] = {"mode", "certificate", "key", "client_ca"};
inline constexpr string_view client_tls_later[] = {"min_version", "ciphers", "crl"};
inline constexpr Keys client_tls{"client_tls", client_tls_known, client_tls_later};

inline constexpr string_view backend_known[] = {"host", "port", "tls", "connect_timeout"};
inline constexpr string_view backend_later[] = {"hosts", "replicas"};
inline constexpr Keys backend{"backend", backend_known, backend_later};

inline constexpr string_view backend_tls_known[] = {"mode", "ca", "certificate", "key", "direct"};
inline constexpr string_view backend_tls_later[] = {"min_version", "ciphers", "crl"};
inline constexpr Keys backend_tls{"backend.tls", backend_tls_known, backend_tls_later};

inline constexpr string_view control_known[] = {"user", "databases", "password_file", "password_env", "passfile"};
inline constexpr Keys control{"control", control_known};

inline constexpr string_view authentication_known[] = {"mode", "user_list", "query"};
inline constexpr Keys authentication{"authentication", authentication_known};

inline constexpr string_view mysql_known[] = {"local_infile"};
inline constexpr Keys mysql{"mysql", mysql_known};

inline constexpr string_view limits_known[] = {"max_connections", "startup_size", "startup_timeout",
                                               "message_size",    "buffered",     "idle_timeout"};
inline constexpr Keys limits{"limits", limits_known};

inline constexpr string_view log_known[] = {"level", "format", "file"};
inline constexpr Keys log{"log", log_known};

inline constexpr Choice<Protocol> protocols[] = {{"postgres", Protocol::postgres}, {"mysql", Protocol::mysql}};

inline constexpr Choice<ClientTlsMode> client_tls_modes[] = {{"off", ClientTlsMode::off},
                                                             {"allow", ClientTlsMode::allow},
                                                             {"require", ClientTlsMode::require},
                                                             {"mutual", ClientTlsMode::mutual}};

inline constexpr Choice<BackendTlsMode> backend_tls_modes[] = {{"disable", BackendTlsMode::disable},
                                                               {"prefer", BackendTlsMode::prefer},
                                                               {"require", BackendTlsMode::require},
                                                               {"verify-ca", BackendTlsMode::verify_ca},
                                                               {"verify-full", BackendTlsMode::verify_full}};

inline constexpr Choice<AuthenticationMode> authentication_modes[] = {{"auto", AuthenticationMode::automatic},
                                                                      {"relay", AuthenticationMode::relay},
                                                                      {"terminate", AuthenticationMode::terminate}};

inline constexpr Choice<sealrow::log::Level> log_levels[] = {{"trace", sealrow::log::Level::trace},
                                                             {"debug", sealrow::log::Level::debug},
                                                             {"info", sealrow::log::Level::info},
                                                             {"warn", sealrow::log::Level::warn},
                                                             {"error", sealrow::log::Level::error}};
inline constexpr Choice<sealrow::log::Format> log_formats[] = {{"text", sealrow::log::Format::text},
                                                               {"json", sealrow::log::Format::json}};

inline constexpr Choice<MemoryLock> memory_locks[] = {{"best_effort", MemoryLock::best_effort},
                                                      {"required", MemoryLock::required}};

}  // namespace sealrow::policy::server_vocabulary
