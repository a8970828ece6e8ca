#include "sealrow/keys/provider.hpp"

namespace sealrow::keys {

FailureClass failure_class(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::key_provider_denied:
    case ErrorCode::key_provider_credentials:  // refused credentials may have been revoked
    case ErrorCode::key_unusable:
    case ErrorCode::tenant_invalid:
    case ErrorCode::config_value:
      return FailureClass::denied;
    case ErrorCode::key_missing:
    case ErrorCode::key_encryption_key_missing:
    case ErrorCode::key_encryption_key_unfit:
      return FailureClass::missing;
    case ErrorCode::key_provider_throttled:
      return FailureClass::throttled;
    case ErrorCode::key_provider_unavailable:
    case ErrorCode::key_provider_tls:
    case ErrorCode::key_provider_clock:
    case ErrorCode::key_provider_answer:
    case ErrorCode::key_store_io:
    case ErrorCode::key_timeout:
    case ErrorCode::key_conflict:
      return FailureClass::unavailable;
    default:  // the registry is open-ended: what is not known to be harmless is never served stale
      return FailureClass::corrupt;
  }
}

std::string canonical(const WrapContext& context) {
  std::string out("sealrow/wrap/v1\0", 16);
  for (const std::string* text : {&context.deployment, &context.slot.tenant.value(), &context.slot.domain.value()}) {
    append_u32(out, static_cast<std::uint32_t>(text->size()));
    out.append(*text);
  }
  out.push_back(static_cast<char>(context.slot.purpose));
  append_u64(out, context.key_id.value());
  append_u32(out, context.version);
  return out;
}

}  // namespace sealrow::keys
