#include "auth_math.hpp"
#include "digest.hpp"

#include <charconv>

// SHA-256 crypt ("Unix crypt using SHA-256", U. Drepper, 2008), with MySQL's salt of 20 bytes instead of at most 16
// (crypt_genhash_impl.cc), which is why crypt(3) does not serve.
namespace sealrow::session::mysql {
namespace {

constexpr std::string_view prefix = "$A$";
constexpr std::size_t rounds_digits = 3, salt_size = 20, hash_text_size = 43;
constexpr std::size_t max_password = 256;  // the server takes no longer one
constexpr std::size_t digest_size = 32;

// `size` bytes of the digest, repeated.
SecretBytes repeated(const SecretBytes& digest, std::size_t size) {
  SecretBytes out(size);
  for (std::size_t i = 0; i < size; ++i) out.reveal_mutable()[i] = digest.reveal()[i % digest_size];
  return out;
}

Result<SecretBytes> first_digest(Digest& hash, ByteView password, ByteView salt) {
  SEALROW_TRY(const SecretBytes b, hash.add(password).add(salt).add(password).finish());
  hash.add(password).add(salt).add(repeated(b, password.size()).reveal());
  for (std::size_t n = password.size(); n > 0; n >>= 1) hash.add((n & 1) != 0 ? b.reveal() : password);
  return hash.finish();
}

Result<SecretBytes> sha_crypt(ByteView password, ByteView salt, std::uint32_t rounds) {
  Digest hash(EVP_sha256());
  SEALROW_TRY(SecretBytes current, first_digest(hash, password, salt));
  for (std::size_t i = 0; i < password.size(); ++i) hash.add(password);
  SEALROW_TRY(const SecretBytes p_digest, hash.finish());
  const SecretBytes p = repeated(p_digest, password.size());
  for (std::size_t i = 0; i < 16u + current.reveal()[0]; ++i) hash.add(salt);
  SEALROW_TRY(const SecretBytes s_digest, hash.finish());
  const SecretBytes s = repeated(s_digest, salt.size());
  for (std::uint32_t i = 0; i < rounds; ++i) {
    const bool odd = (i & 1) != 0;
    hash.add(odd ? p.reveal() : current.reveal());
    if (i % 3 != 0) hash.add(s.reveal());
    if (i % 7 != 0) hash.add(p.reveal());
    hash.add(odd ? current.reveal() : p.reveal());
    SEALROW_TRY(current, hash.finish());
  }
  return current;
}

// The scheme's own base 64: three bytes, in an order of their own, least significant six bits first.
std::string spelled(ByteView d) {
  constexpr std::string_view digits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string out;
  const auto append = [&](std::uint32_t bits, int count) {
    for (; count > 0; --count, bits >>= 6) out.push_back(digits[bits & 63]);
  };
  std::size_t a = 0, b = 10, c = 20;
  for (int i = 0; i < 10; ++i) {
    append(std::uint32_t{d[a]} << 16 | std::uint32_t{d[b]} << 8 | d[c], 4);
    const std::size_t next = c + 1;
    c = b + 1;
    b = a + 1;
    a = next;
  }
  append(std::uint32_t{d[31]} << 8 | d[30], 3);
  return out;
}

}  // namespace

bool check_sha2_stored(std::string_view stored, const SecretBytes& password) {
  const std::size_t salt_at = prefix.size() + rounds_digits + 1;
  if (stored.size() != salt_at + salt_size + hash_text_size || !stored.starts_with(prefix) ||
      stored[salt_at - 1] != '$' || password.size() > max_password) {
    return false;
  }
  std::uint32_t thousands = 0;
  const char* const number = stored.data() + prefix.size();
  const auto [end, ec] = std::from_chars(number, number + rounds_digits, thousands, 16);
  if (ec != std::errc{} || end != number + rounds_digits || thousands == 0) return false;
  const auto digest = sha_crypt(password.reveal(), as_bytes(stored.substr(salt_at, salt_size)), thousands * 1000);
  if (!digest) return false;
  auto text = spelled(digest->reveal());
  const auto shown = SecretBytes::copy_of(as_bytes(text));
  wipe(text);
  return shown.equals(as_bytes(stored.substr(salt_at + salt_size)));
}

}  // namespace sealrow::session::mysql
