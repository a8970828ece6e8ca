#include "crypto/aead.hpp"

#ifdef SEALROW_HAVE_IPSEC_MB

#include "crypto/suite.hpp"
#include "sealrow/base/secret.hpp"

#include <intel-ipsec-mb.h>

namespace sealrow::crypto {
namespace {

// The library's aligned load and store instructions need an aligned key schedule, but its header declares no alignment
// on Linux. A block of secret memory of this size is aligned to its size class (base/secret_arena.cpp).
constexpr std::size_t schedule_size = sizeof(gcm_key_data);
static_assert(schedule_size > 512 && schedule_size <= 1024);

const IMB_MGR* manager() {
  // The manager is used as a table of functions only: the direct AES-GCM calls keep nothing in it.
  static const IMB_MGR* const instance = []() -> const IMB_MGR* {
    IMB_MGR* fresh = alloc_mb_mgr(0);
    if (fresh == nullptr) return nullptr;
    init_mb_mgr_auto(fresh, nullptr);
    if (imb_get_errno(fresh) == 0 && (fresh->features & IMB_FEATURE_SELF_TEST_PASS) != 0) return fresh;
    free_mb_mgr(fresh);
    return nullptr;
  }();
  return instance;
}

class IpsecGcm final : public Aead {
 public:
  IpsecGcm(const IMB_MGR& functions, ByteView key) : functions_(functions), schedule_(schedule_size) {
    functions_.gcm256_pre(key.data(), reinterpret_cast<gcm_key_data*>(schedule_.reveal_mutable().data()));
  }

  bool seal(const std::uint8_t* nonce, ByteView aad, MutableBytes text, std::uint8_t* tag) override {
    alignas(64) gcm_context_data state;
    functions_.gcm256_enc(schedule(), &state, text.data(), text.data(), text.size(), nonce, aad.data(), aad.size(), tag,
                          tag_size);
    wipe(&state, sizeof state);  // holds key stream of the last block
    return true;
  }

  bool open(const std::uint8_t* nonce, ByteView aad, ByteView sealed, const std::uint8_t* tag,
            std::uint8_t* out) override {
    alignas(64) gcm_context_data state;
    std::uint8_t expected[tag_size];
    functions_.gcm256_dec(schedule(), &state, out, sealed.data(), sealed.size(), nonce, aad.data(), aad.size(),
                          expected, tag_size);
    wipe(&state, sizeof state);
    const bool ok = constant_time_equal(expected, {tag, tag_size});
    wipe(expected, sizeof expected);  // the right tag of a forged text must not stay around
    return ok;
  }

 private:
  [[nodiscard]] const gcm_key_data* schedule() const {
    return reinterpret_cast<const gcm_key_data*>(schedule_.reveal().data());
  }

  const IMB_MGR& functions_;
  SecretBytes schedule_;
};

}  // namespace

std::unique_ptr<Aead> make_gcm_ipsec(ByteView key) {
  if (manager() == nullptr) return nullptr;
  return std::make_unique<IpsecGcm>(*manager(), key);
}

}  // namespace sealrow::crypto

#else

namespace sealrow::crypto {

std::unique_ptr<Aead> make_gcm_ipsec(ByteView) { return nullptr; }

}  // namespace sealrow::crypto

#endif
