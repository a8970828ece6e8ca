// Authentication request codes (PostgreSQL 18 manual, section 54.7).
#pragma once

#include "sealrow/wire/postgres/messages.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace sealrow::session::postgres {

enum class AuthCode : std::uint32_t {
  ok = 0,
  kerberos_v5 = 2,
  cleartext_password = 3,
  md5_password = 5,
  gss = 7,
  gss_continue = 8,
  sspi = 9,
  sasl = 10,
  sasl_continue = 11,
  sasl_final = 12,
};

inline constexpr std::string_view scram_sha_256 = "SCRAM-SHA-256";
inline constexpr std::string_view scram_sha_256_plus = "SCRAM-SHA-256-PLUS";

// Zero-terminated names up to an empty one.
[[nodiscard]] std::vector<std::string_view> read_mechanisms(wire::postgres::Reader& r);

}  // namespace sealrow::session::postgres
