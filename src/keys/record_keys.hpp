// From a record to its key and from a new key to its record: the one place where key bytes and rows meet. And the walk
// over all records.
#pragma once

#include "sealrow/base/clock.hpp"
#include "sealrow/base/secret.hpp"
#include "sealrow/keys/provider.hpp"
#include "sealrow/keys/store.hpp"

#include <functional>
#include <string>

namespace sealrow::keys {

// Unwraps at the provider and compares the check value.
[[nodiscard]] Result<SecretBytes> unwrap_record(KeyProvider& provider, const std::string& deployment,
                                                const KeyRecord& record);

// Every record, page by page; stops at the first error.
[[nodiscard]] Result<> for_each_record(KeyStore& store, const std::function<Result<>(const KeyRecord&)>& visit);

struct NewKey {
  KeyRecord record;
  SecretBytes key;
};
// A slot's first key, active at once: nobody can have sealed with an older one.
[[nodiscard]] Result<NewKey> make_first_key(KeyProvider& provider, const std::string& deployment, const KeySlot& slot,
                                            WallTime now);

}  // namespace sealrow::keys
