#include "keys/local_provider.hpp"

#include "keys/json_reader.hpp"
#include "sealrow/crypto/keys.hpp"

#include <cstdlib>
#include <utility>

namespace sealrow::keys {

namespace {

constexpr std::string_view kek_format = "sealrow-kek/1";
constexpr std::size_t salt_size = 32;
constexpr std::size_t max_passphrase_size = 4096;

std::optional<Protection> parse_protection(std::string_view name) noexcept {
  if (name == "passphrase") return Protection::passphrase;
  if (name == "development") return Protection::development;
  return std::nullopt;
}
std::string_view name_of(Protection protection) noexcept {
  return protection == Protection::passphrase ? "passphrase" : "development";
}

std::string kek_context(const KekFile& file) {
  std::string out("sealrow/kek/v1\0", 15);
  for (const std::string* part : {&file.kek_id, &file.kek_version}) {
    append_u32(out, static_cast<std::uint32_t>(part->size()));
    out += *part;
  }
  out.push_back(static_cast<char>(file.protection));
  return out;
}

Result<SecretBytes> read_environment(const std::string& variable) {
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr)
    return Error{ErrorCode::config_io, "passphrase is missing", "environment variable is not set", "", variable};
  return SecretBytes::copy_of(as_bytes(value));
}

Result<SecretBytes> read_passphrase_file(const std::string& path) {
  auto content = read_secret_file(path, max_passphrase_size);
  if (content.has_error())
    return Error{ErrorCode::config_io, "passphrase cannot be read", content.error().detail, "", path};
  return content;
}

Result<SecretBytes> read_credential(const std::string& name) {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr || name.find('/') != std::string::npos)
    return Error{ErrorCode::config_io, "passphrase is missing", "no such systemd credential",
                 "set LoadCredential= or LoadCredentialEncrypted= in the unit", name};
  return read_passphrase_file(std::string(directory) + "/" + name);
}

Result<SecretBytes> read_development_credential(const std::string& directory) {
  const std::string path = development_credential_path(directory);
  SEALROW_CHECK(check_private(path));
  return read_passphrase_file(path);
}

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace

std::string kek_path(const std::string& directory) { return directory + "/kek.json"; }
std::string development_credential_path(const std::string& directory) { return directory + "/development-credential"; }

Result<SecretBytes> read_passphrase(const PassphraseSource& source, const std::string& directory) {
  SEALROW_TRY(SecretBytes raw,
              std::visit(Overloaded{[&](const NoPassphrase&) { return read_development_credential(directory); },
                                    [](const PassphraseFromEnvironment& s) { return read_environment(s.variable); },
                                    [](const PassphraseFromFile& s) { return read_passphrase_file(s.path); },
                                    [](const PassphraseFromCredential& s) { return read_credential(s.name); }},
                         source));
  std::string_view text = as_text(raw.reveal());
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) return Error{ErrorCode::config_value, "passphrase is empty"};
  return SecretBytes::copy_of(as_bytes(text));
}

Result<KekFile> parse_kek_file(std::string_view text) {
  JsonReader reader(text, kek_format);
  KekFile file;
  file.kek_id = reader.text("kek_id");
  file.kek_version = reader.text("kek_version");
  file.protection = reader.named("protection", &parse_protection);
  JsonReader scrypt = reader.object("scrypt");
  file.cost.n = scrypt.number("n");
  file.cost.r = static_cast<std::uint32_t>(scrypt.number("r", UINT32_MAX));
  file.cost.p = static_cast<std::uint32_t>(scrypt.number("p", UINT32_MAX));
  file.salt = scrypt.hex("salt");
  SEALROW_CHECK(scrypt.finish());
  file.wrapped = reader.hex("wrapped");
  SEALROW_CHECK(reader.finish());
  return file;
}

std::string to_json(const KekFile& file) {
  return nlohmann::json{
             {"format", kek_format},
             {"kek_id", file.kek_id},
             {"kek_version", file.kek_version},
             {"protection", name_of(file.protection)},
             {"scrypt",
              {{"n", file.cost.n}, {"r", file.cost.r}, {"p", file.cost.p}, {"salt", hex_of(as_bytes(file.salt))}}},
             {"wrapped", hex_of(as_bytes(file.wrapped))}}
             .dump(1) +
         "\n";
}

Result<KekFile> make_kek_file(Protection protection, const SecretBytes& passphrase, ScryptCost cost) {
  std::array<std::uint8_t, 8> id;
  std::array<std::uint8_t, salt_size> salt;
  SEALROW_CHECK(crypto::random_bytes(id));
  SEALROW_CHECK(crypto::random_bytes(salt));
  KekFile file{"local:" + hex_of(id), "1", protection, cost, std::string(as_text(salt)), {}};
  SEALROW_TRY(const SecretBytes kek, crypto::random_key());
  SEALROW_TRY(const SecretBytes outer, stretch(passphrase, file.salt, cost));
  SEALROW_TRY(file.wrapped, gcm_wrap(outer, kek_context(file), kek));
  return file;
}

Result<std::unique_ptr<LocalProvider>> LocalProvider::open(const KekFile& file, const SecretBytes& passphrase) {
  SEALROW_TRY(const SecretBytes outer, stretch(passphrase, file.salt, file.cost));
  auto kek = gcm_unwrap(outer, kek_context(file), file.wrapped);
  if (kek.has_error())
    return Error{ErrorCode::key_provider_denied, "key-encryption key cannot be opened",
                 "the passphrase is wrong or the file was changed", "", file.kek_id};
  return std::unique_ptr<LocalProvider>(new LocalProvider(file, std::move(*kek)));
}

std::string LocalProvider::associated_data(const WrapContext& context) const {
  return kek_context(file_) + canonical(context);
}

Result<GeneratedKey> LocalProvider::generate(const WrapContext& context) {
  SEALROW_TRY(SecretBytes key, crypto::random_key());
  SEALROW_TRY(WrappedKey wrapped, wrap(context, key));
  return GeneratedKey{std::move(key), std::move(wrapped)};
}

Result<WrappedKey> LocalProvider::wrap(const WrapContext& context, const SecretBytes& key) {
  SEALROW_TRY(std::string blob, gcm_wrap(kek_, associated_data(context), key));
  return WrappedKey{file_.kek_id, file_.kek_version, WrapAlgorithm::aes_256_gcm, std::move(blob)};
}

Result<SecretBytes> LocalProvider::unwrap(const WrapContext& context, const WrappedKey& wrapped) {
  if (wrapped.kek_id != file_.kek_id || wrapped.kek_version != file_.kek_version)
    return Error{ErrorCode::key_encryption_key_missing, "key is wrapped under another key-encryption key",
                 "this file holds " + file_.kek_id + " version " + file_.kek_version, "", wrapped.kek_id};
  if (wrapped.algorithm != WrapAlgorithm::aes_256_gcm)
    return Error{ErrorCode::key_wrap_rejected, "wrapped key failed authentication", "unexpected wrap algorithm"};
  return gcm_unwrap(kek_, associated_data(context), wrapped.bytes);
}

Result<WrappedKey> LocalProvider::rewrap(const WrapContext& context, const WrappedKey& wrapped) {
  SEALROW_TRY(const SecretBytes key, unwrap(context, wrapped));
  return wrap(context, key);
}

Result<ProviderInfo> LocalProvider::describe() {
  ProviderInfo info{"local", file_.kek_id, file_.kek_version, "passphrase-protected file"};
  if (file_.protection == Protection::development) info.note = "DEVELOPMENT ONLY: credential lies beside the key file";
  return info;
}

Result<> LocalProvider::probe() { return {}; }

}  // namespace sealrow::keys
