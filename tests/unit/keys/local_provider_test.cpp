#include "keys/local_provider.hpp"

#include "support.hpp"

#include <sys/stat.h>

#include <functional>
#include <vector>

using namespace sealrow;
using namespace sealrow::keys;
using namespace sealrow::keys::test;

namespace {

SecretBytes secret(std::string_view text) { return SecretBytes::copy_of(as_bytes(text)); }
constexpr ScryptCost cheap{16, 8, 1};

WrapContext context() { return {"prod", {TenantId("t"), DomainId("pii"), KeyPurpose::data}, KeyId(42), 3}; }

}  // namespace

TEST_CASE("a wrapped key opens under its context only") {
  const auto file = make_kek_file(Protection::passphrase, secret("correct horse"), cheap).value();
  auto provider = LocalProvider::open(file, secret("correct horse")).value();
  auto made = provider->generate(context()).value();
  CHECK(made.plain.size() == 32);
  CHECK(provider->unwrap(context(), made.wrapped).value().equals(made.plain.reveal()));

  const std::vector<std::function<void(WrapContext&)>> others = {
      [](WrapContext& c) { c.deployment = "prod2"; },
      [](WrapContext& c) { c.slot.tenant = TenantId("u"); },
      [](WrapContext& c) { c.slot.domain = DomainId("pij"); },
      [](WrapContext& c) { c.slot.purpose = KeyPurpose::index; },
      [](WrapContext& c) { c.key_id = KeyId(43); },
      [](WrapContext& c) { c.version = 4; },
  };
  for (const auto& change : others) {
    WrapContext other = context();
    change(other);
    CHECK(provider->unwrap(other, made.wrapped).error().code == ErrorCode::key_wrap_rejected);
  }
  for (std::size_t i = 0; i < made.wrapped.bytes.size(); ++i) {
    WrappedKey edited = made.wrapped;
    edited.bytes[i] ^= 1;
    CHECK(provider->unwrap(context(), edited).has_error());
    CHECK(
        provider
            ->unwrap(context(), {edited.kek_id, edited.kek_version, edited.algorithm, made.wrapped.bytes.substr(0, i)})
            .has_error());
  }
  WrappedKey foreign = made.wrapped;
  foreign.kek_id = "local:other";
  CHECK(provider->unwrap(context(), foreign).error().code == ErrorCode::key_encryption_key_missing);
  WrappedKey reserved = made.wrapped;
  reserved.algorithm = WrapAlgorithm::ml_kem_1024;
  CHECK(provider->unwrap(context(), reserved).error().code == ErrorCode::key_wrap_rejected);
}

TEST_CASE("rewrapping keeps the key and changes the bytes") {
  const auto file = make_kek_file(Protection::passphrase, secret("correct horse"), cheap).value();
  auto provider = LocalProvider::open(file, secret("correct horse")).value();
  const auto made = provider->generate(context()).value();
  const auto again = provider->rewrap(context(), made.wrapped).value();
  CHECK(again.bytes != made.wrapped.bytes);
  CHECK(provider->unwrap(context(), again).value().equals(made.plain.reveal()));
}

TEST_CASE("the KEK file opens with its passphrase only, and not after an edit") {
  const auto file = make_kek_file(Protection::passphrase, secret("correct horse"), cheap).value();
  CHECK(parse_kek_file(to_json(file)).value().wrapped == file.wrapped);
  CHECK(LocalProvider::open(file, secret("correct horsf")).error().code == ErrorCode::key_provider_denied);
  const std::vector<std::function<void(KekFile&)>> edits = {
      [](KekFile& f) { f.kek_id += "0"; },       [](KekFile& f) { f.kek_version = "2"; },
      [](KekFile& f) { f.salt[0] ^= 1; },        [](KekFile& f) { f.wrapped[20] ^= 1; },
      [](KekFile& f) { f.cost.n *= 2; },         [](KekFile& f) { f.protection = Protection::development; },
      [](KekFile& f) { f.cost.n = 1ull << 40; }, [](KekFile& f) { f.cost.n = 3; },
      [](KekFile& f) { f.cost.r = 1u << 30; },   [](KekFile& f) { f.salt.clear(); },
  };
  for (const auto& edit : edits) {
    KekFile edited = file;
    edit(edited);
    CHECK(LocalProvider::open(edited, secret("correct horse")).has_error());
  }
}

TEST_CASE("passphrases come from where they are said to be") {
  const TempDirectory directory;
  spill(directory / "file", "secret words\r\n");
  CHECK(read_passphrase(PassphraseFromFile{directory / "file"}, "").value().equals(as_bytes("secret words")));
  spill(directory / "empty", "\n");
  CHECK(read_passphrase(PassphraseFromFile{directory / "empty"}, "").has_error());
  CHECK(read_passphrase(PassphraseFromFile{directory / "none"}, "").error().code == ErrorCode::config_io);
  ::setenv("SEALROW_TEST_PASSPHRASE", "from environment", 1);
  CHECK(read_passphrase(PassphraseFromEnvironment{"SEALROW_TEST_PASSPHRASE"}, "").value().size() == 16);
  ::unsetenv("SEALROW_TEST_PASSPHRASE");
  CHECK(read_passphrase(PassphraseFromEnvironment{"SEALROW_TEST_PASSPHRASE"}, "").has_error());
  ::setenv("CREDENTIALS_DIRECTORY", (directory / ".").c_str(), 1);
  CHECK(read_passphrase(PassphraseFromCredential{"file"}, "").value().size() == 12);
  CHECK(read_passphrase(PassphraseFromCredential{"../file"}, "").has_error());
  ::unsetenv("CREDENTIALS_DIRECTORY");
}
