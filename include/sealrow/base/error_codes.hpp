// Every error that Sealrow raises: stable number, SQLSTATE, name. docs/errors.md has a section per code
// (a test holds the two together). Codes are never reused or renumbered.
//
// 1xx policy and configuration   2xx envelope and cryptography   3xx keys
// 4xx statements                 5xx tenants                     6xx protocol
// 7xx network and authentication 8xx catalog                     9xx internal
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sealrow {

// X(number, SQLSTATE, identifier, title)
#define SEALROW_ERROR_CODES(X)                                                                  \
  X(101, "F0000", config_syntax, "configuration file cannot be parsed")                         \
  X(102, "F0000", config_unknown_key, "unknown key in a configuration file")                    \
  X(103, "F0000", config_value, "value out of range or of the wrong kind")                      \
  X(104, "F0000", config_conflict, "two settings contradict each other")                        \
  X(105, "F0000", config_io, "configuration file cannot be read")                               \
  X(201, "22000", envelope_malformed, "stored value is not a well-formed envelope")             \
  X(202, "22000", envelope_unsupported, "envelope version, suite or flag is not supported")     \
  X(203, "22000", envelope_rejected, "stored value failed authentication")                      \
  X(204, "22000", envelope_from_client, "client value already looks like an envelope")          \
  X(205, "22000", envelope_expected, "protected column holds a value that is not sealed")       \
  X(206, "22001", envelope_too_long, "sealed value does not fit the column")                    \
  X(207, "54000", value_too_large, "value exceeds the size limit")                              \
  X(208, "XX000", crypto_failure, "cryptographic library reported a failure")                   \
  X(209, "22000", envelope_wrong_column, "envelope does not belong to a column that is read")   \
  X(301, "58000", key_missing, "data key is not in the key store")                              \
  X(302, "58000", key_unusable, "data key's state does not allow this use")                     \
  X(303, "58000", key_provider_unavailable, "key provider cannot be reached")                   \
  X(304, "42501", key_provider_denied, "key provider denied the request")                       \
  X(305, "58030", key_store_io, "key store cannot be read or written")                          \
  X(306, "XX001", key_store_corrupt, "key store failed its integrity check")                    \
  X(307, "58000", key_exhausted, "data key has reached its use limit")                          \
  X(308, "58000", key_conflict, "key was changed by somebody else meanwhile")                   \
  X(309, "58000", key_timeout, "key was not delivered in time")                                 \
  X(310, "58000", key_provider_throttled, "key provider asks for fewer requests")               \
  X(311, "58000", key_encryption_key_missing, "key-encryption key is not at the provider")      \
  X(312, "XX001", key_wrap_rejected, "wrapped key failed authentication")                       \
  X(313, "28000", key_provider_credentials, "key provider did not accept the credentials")      \
  X(314, "58000", key_provider_clock, "clock differs too much from the key provider's")         \
  X(315, "58000", key_provider_answer, "key provider's answer is malformed")                    \
  X(316, "58000", key_provider_tls, "TLS towards the key provider failed")                      \
  X(317, "58000", key_encryption_key_unfit, "key-encryption key is not fit for this use")       \
  X(401, "0A000", statement_not_understood, "statement on a protected table is not understood") \
  X(402, "0A000", expression_not_sealable, "value for a protected column cannot be sealed")     \
  X(403, "0A000", sealed_operand, "operation cannot work on sealed data")                       \
  X(404, "0A000", sealed_search, "search on a sealed column without an equality tag")           \
  X(405, "42501", sealed_to_clear, "sealed value would flow into an unsealed place")            \
  X(406, "42501", clear_to_sealed, "unsealed value would flow into a protected column")         \
  X(407, "42501", hidden_write, "code that could hide a write to a protected table")            \
  X(408, "0A000", ddl_refused, "definition would weaken a protected table")                     \
  X(409, "42P01", name_unresolved, "name cannot be resolved with certainty")                    \
  X(410, "42601", statement_syntax, "statement cannot be parsed")                               \
  X(411, "42501", file_copy, "COPY of a protected table to or from a server file or program")   \
  X(412, "42501", function_call, "function-call message is refused")                            \
  X(413, "42501", replication, "replication connection is refused")                             \
  X(414, "22P02", value_syntax, "value is not valid for the column's type")                     \
  X(415, "22021", encoding, "value is not valid UTF-8")                                         \
  X(416, "0A000", client_encoding, "client encoding is not supported on protected tables")      \
  X(417, "22P04", copy_malformed, "COPY data is malformed")                                     \
  X(418, "0A000", sealed_mixed, "sealed and unsealed values meet in one place")                 \
  X(501, "42501", tenant_missing, "no tenant is known for this statement")                      \
  X(502, "42501", tenant_conflict, "tenant sources disagree")                                   \
  X(503, "42501", tenant_denied, "value belongs to another tenant")                             \
  X(504, "22023", tenant_invalid, "tenant identifier is malformed")                             \
  X(601, "08P01", protocol_violation, "message violates the protocol")                          \
  X(602, "54000", message_too_large, "message exceeds the size limit")                          \
  X(603, "0A000", protocol_unsupported, "protocol feature is not supported")                    \
  X(604, "42602", statement_name_reserved, "statement name prefix is reserved")                 \
  X(701, "08006", backend_unreachable, "database server cannot be reached")                     \
  X(702, "28000", tls_required, "TLS is required")                                              \
  X(703, "28P01", authentication_failed, "authentication failed")                               \
  X(704, "53300", too_many_connections, "connection limit is reached")                          \
  X(705, "57P05", timeout, "time limit is exceeded")                                            \
  X(706, "08006", backend_tls, "TLS towards the database server failed")                        \
  X(707, "57P01", shutting_down, "Sealrow is shutting down")                                    \
  X(801, "58000", catalog_unavailable, "database catalog cannot be read")                       \
  X(802, "42P01", policy_object_missing, "policy names an object that does not exist")          \
  X(803, "42804", policy_type_mismatch, "column's type cannot hold what the policy asks")       \
  X(901, "XX000", internal, "internal error")

enum class ErrorCode : std::uint16_t {
#define SEALROW_X(number, state, name, title) name = number,
  SEALROW_ERROR_CODES(SEALROW_X)
#undef SEALROW_X
};

// "SR-E401". Stable, shown to users, searchable in docs/errors.md.
[[nodiscard]] std::string error_slug(ErrorCode code);
// Five characters, PostgreSQL appendix A.
[[nodiscard]] std::string_view sqlstate(ErrorCode code);
[[nodiscard]] std::string_view title(ErrorCode code);

}  // namespace sealrow
