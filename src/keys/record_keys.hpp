// From a record to its key and from a new key to its record: the one place where key bytes and rows meet.
#pragma once

#include "sealrow/base/clock.hpp"
#include "sealrow/base/secret.hpp"
#include "sealrow/keys/provider.hpp"

namespace sealrow::keys {

// Unwraps at the provider and compares the check value.
[[nodiscard]] Result<SecretBytes> unwrap_record(KeyProvider& provider, const std::string& deployment,
                                                const KeyRecord& record);

struct NewKey {
  KeyRecord record;
  SecretBytes key;
};
// A slot's first key, active at once: nobody can have sealed with an older one.
[[nodiscard]] Result<NewKey> make_first_key(KeyProvider& provider, const std::string& deployment, const KeySlot& slot,
                                            WallTime now);

}  // namespace sealrow::keys
