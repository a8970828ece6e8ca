// From a client's value to what is stored or searched for.
#pragma once

#include "keys.hpp"
#include "values.hpp"

#include "sealrow/crypto/sealer.hpp"
#include "sealrow/plan/plan.hpp"

#include <string>
#include <string_view>

namespace sealrow::session {

// PostgreSQL's text cannot hold a zero byte: the server would refuse the value, so it is not sealed either.
enum class ZeroByte : bool { refused, allowed };

struct SealTask {
  const plan::Plan* plan = nullptr;
  plan::Destination destination;
  const TenantId* tenant = nullptr;
  Format in = Format::text;           // spelling of the value, and of the result
  Oid source = 0;                     // type that the client declared, 0: none
  ZeroByte zero = ZeroByte::refused;  // in text
};

// Appends the spelling of the sealed value or tag to `out`; false: see the gather (pending or failed).
bool seal_value(KeyGather& keys, crypto::Sealer& sealer, const SealTask& task, std::string_view value,
                std::string& out);

// The client may not hand in what looks like an envelope, in any spelling that a column takes: text, JSON string,
// bytes, bytea text. Nobody could tell it from a stored one afterwards.
[[nodiscard]] bool holds_envelope(std::string_view value);

}  // namespace sealrow::session
