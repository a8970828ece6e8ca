#include "crypto/fork_guard.hpp"
#include "crypto/hmac.hpp"
#include "crypto/wire_format.hpp"
#include "sealrow/crypto/keys.hpp"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace sealrow::crypto {
namespace {

// Groups come from the policy, so their number is small; the bound is for a caller that gets this wrong.
constexpr std::size_t most_groups = 4096;

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

}  // namespace

struct IndexKey::Impl {
  std::uint16_t version;
  TenantId tenant;
  DomainId domain;
  std::uint64_t generation;
  HmacSha256 root;
  mutable std::shared_mutex mutex;
  mutable std::unordered_map<std::string, std::shared_ptr<const HmacSha256>, TextHash, std::equal_to<>> groups;

  // K_group = HKDF-Expand(root, "sealrow/v1" 0x00 "bi" LP(tenant) LP(domain) LP(group) version).
  [[nodiscard]] std::shared_ptr<const HmacSha256> derive(std::string_view group) const {
    auto label = key_label("bi", {tenant.value(), domain.value(), group});
    if (label.has_error()) throw Exception(label.error());
    append_u16(*label, version);
    SecretBytes key(key_size);
    root.expand(as_bytes(*label), key.reveal_mutable());
    return std::make_shared<const HmacSha256>(key.reveal());
  }

  [[nodiscard]] std::shared_ptr<const HmacSha256> group_key(std::string_view group) const {
    {
      const std::shared_lock lock(mutex);
      if (const auto found = groups.find(group); found != groups.end()) return found->second;
    }
    auto derived = derive(group);
    const std::unique_lock lock(mutex);
    if (groups.size() >= most_groups) return derived;
    return groups.emplace(group, std::move(derived)).first->second;
  }
};

Result<std::shared_ptr<const IndexKey>> IndexKey::make(std::uint16_t version, TenantId tenant, DomainId domain,
                                                       const SecretBytes& root) {
  if (root.size() != key_size) return Error{ErrorCode::crypto_failure, "index key does not have 32 bytes"};
  // The identifiers are checked here, so that tag() cannot fail on them.
  SEALROW_CHECK(key_label("bi", {tenant.value(), domain.value()}));
  std::unique_ptr<Impl> impl(
      new Impl{version, std::move(tenant), std::move(domain), fork_generation(), HmacSha256(root.reveal()), {}, {}});
  return std::shared_ptr<const IndexKey>(new IndexKey(std::move(impl)));
}

IndexKey::IndexKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
IndexKey::~IndexKey() = default;
std::uint16_t IndexKey::version() const noexcept { return impl_->version; }
const TenantId& IndexKey::tenant() const noexcept { return impl_->tenant; }

EqualityTag IndexKey::tag(std::string_view index_group, ValueType type, ByteView canonical) const {
  // A wiped key would give tags that match nothing: a silent wrong result, so not even an error value is risked here.
  if (impl_->generation != fork_generation())
    throw Exception(Error{ErrorCode::internal, "index key used in a forked process"});
  const auto type_byte = static_cast<std::uint8_t>(type);
  const Digest digest = impl_->group_key(index_group)->compute({ByteView(&type_byte, 1), canonical});
  EqualityTag tag;
  store_u16(tag.data(), impl_->version);
  std::copy_n(digest.begin(), tag.size() - 2, tag.begin() + 2);
  return tag;
}

}  // namespace sealrow::crypto
