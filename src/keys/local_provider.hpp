// KEK in a file: for development, tests and single hosts without a KMS. kek.json holds a random KEK wrapped by a key
// that scrypt makes from a passphrase. Without a passphrase, a random one is kept in a plain credential file beside it
// and everything says "development".
#pragma once

#include "keys/files.hpp"
#include "keys/primitives.hpp"
#include "sealrow/keys/admin.hpp"
#include "sealrow/keys/provider.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace sealrow::keys {

enum class Protection : std::uint8_t { passphrase, development };

struct KekFile {
  std::string kek_id, kek_version;
  Protection protection = Protection::passphrase;
  ScryptCost cost;
  std::string salt;
  std::string wrapped;
};
[[nodiscard]] Result<KekFile> parse_kek_file(std::string_view text);
[[nodiscard]] std::string to_json(const KekFile& file);
// A new KEK under `passphrase`.
[[nodiscard]] Result<KekFile> make_kek_file(Protection protection, const SecretBytes& passphrase, ScryptCost cost);

[[nodiscard]] std::string kek_path(const std::string& directory);
[[nodiscard]] std::string development_credential_path(const std::string& directory);
// From wherever `source` says; a trailing line end is not part of it. `directory` is where kek.json lives.
[[nodiscard]] Result<SecretBytes> read_passphrase(const PassphraseSource& source, const std::string& directory);

class LocalProvider final : public KeyProvider {
 public:
  // key_provider_denied when the passphrase does not open the file.
  [[nodiscard]] static Result<std::unique_ptr<LocalProvider>> open(const KekFile& file, const SecretBytes& passphrase);

  [[nodiscard]] Result<GeneratedKey> generate(const WrapContext& context) override;
  [[nodiscard]] Result<WrappedKey> wrap(const WrapContext& context, const SecretBytes& key) override;
  [[nodiscard]] Result<SecretBytes> unwrap(const WrapContext& context, const WrappedKey& wrapped) override;
  [[nodiscard]] Result<WrappedKey> rewrap(const WrapContext& context, const WrappedKey& wrapped) override;
  [[nodiscard]] Result<ProviderInfo> describe() override;
  [[nodiscard]] Result<> probe() override;

 private:
  LocalProvider(KekFile file, SecretBytes kek) : file_(std::move(file)), kek_(std::move(kek)) {}
  [[nodiscard]] std::string associated_data(const WrapContext& context) const;
  const KekFile file_;
  const SecretBytes kek_;
};

}  // namespace sealrow::keys
