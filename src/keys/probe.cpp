#include "keys/json_reader.hpp"
#include "keys/record_keys.hpp"
#include "sealrow/crypto/keys.hpp"
#include "sealrow/keys/admin.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace sealrow::keys {

namespace {

using Outcome = ProbeStep::Outcome;

constexpr std::array<const char*, 10> step_names = {"configure", "reach",   "authenticate", "describe", "generate",
                                                    "unwrap",    "compare", "wrap",         "rewrap",   "binding"};

// The first call of a service does three things at once; its error says how far it came.
std::string_view step_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::key_provider_unavailable:
    case ErrorCode::key_provider_tls:
    case ErrorCode::key_timeout:
      return "reach";
    case ErrorCode::key_provider_credentials:
    case ErrorCode::key_provider_clock:
      return "authenticate";
    default:
      return "describe";
  }
}

Error unequal(const char* what) {
  return {ErrorCode::key_wrap_rejected, "provider gave back another key than it was given", what,
          "do not use this provider: keys would be lost"};
}

class Probe {
 public:
  explicit Probe(const KeysConfig& config) : config_(config) {
    for (const char* name : step_names) report_.steps.push_back({name, Outcome::not_reached, {}, {}});
  }

  ProbeReport run() {
    if (const auto done = check(); done.has_error() && !failed_) fail("configure", done.error());
    return std::move(report_);
  }

 private:
  ProbeStep& step(std::string_view name) {
    return *std::ranges::find_if(report_.steps, [name](const ProbeStep& s) { return s.name == name; });
  }
  void fail(std::string_view name, const Error& error) {
    step(name).outcome = Outcome::failed;
    step(name).error = error;
    failed_ = true;
  }
  void pass(std::string_view name, std::chrono::milliseconds took = {}) {
    step(name).outcome = Outcome::passed;
    step(name).took = took;
  }

  template <class Act>
  auto timed(std::string_view name, Act&& act) {
    const auto started = system_clock().now();
    auto result = act();
    if (result.has_error())
      fail(name, result.error());
    else
      pass(name, std::chrono::duration_cast<std::chrono::milliseconds>(system_clock().now() - started));
    return result;
  }

  Result<> describe() {
    const auto started = system_clock().now();
    auto info = provider_->describe();
    if (info.has_error()) {
      const std::string_view stop = step_of(info.error().code);
      for (const char* name : {"reach", "authenticate", "describe"}) {
        if (name == stop) break;
        pass(name);
      }
      fail(stop, info.error());
      return std::move(info).error();
    }
    for (const char* name : {"reach", "authenticate"}) pass(name);
    pass("describe", std::chrono::duration_cast<std::chrono::milliseconds>(system_clock().now() - started));
    report_.provider = std::move(*info);
    return {};
  }

  // The context of a key that nobody has: nothing is stored.
  Result<WrapContext> context() {
    std::array<std::uint8_t, 8> id{};
    SEALROW_CHECK(crypto::random_bytes(id));
    return WrapContext{config_.deployment,
                       {TenantId("sealrow-probe"), DomainId("probe"), KeyPurpose::data},
                       KeyId(load_u64(id.data())),
                       1};
  }

  Result<> check() {
    SEALROW_TRY(provider_, timed("configure", [&] { return open_provider(config_); }));
    SEALROW_CHECK(describe());
    SEALROW_TRY(const WrapContext here, context());
    SEALROW_TRY(const GeneratedKey made, timed("generate", [&] { return provider_->generate(here); }));
    SEALROW_TRY(const SecretBytes opened, timed("unwrap", [&] { return provider_->unwrap(here, made.wrapped); }));
    SEALROW_CHECK(timed("compare", [&]() -> Result<> {
      if (opened.equals(made.plain.reveal()) && opened.size() == crypto::key_size) return {};
      return unequal("generate and unwrap differ");
    }));
    SEALROW_CHECK(timed("wrap", [&]() -> Result<> {
      SEALROW_TRY(const WrappedKey wrapped, provider_->wrap(here, made.plain));
      SEALROW_TRY(const SecretBytes again, provider_->unwrap(here, wrapped));
      return again.equals(made.plain.reveal()) ? Result<>() : unequal("wrap and unwrap differ");
    }));
    SEALROW_CHECK(timed("rewrap", [&]() -> Result<> {
      SEALROW_TRY(const WrappedKey wrapped, provider_->rewrap(here, made.wrapped));
      SEALROW_TRY(const SecretBytes again, provider_->unwrap(here, wrapped));
      return again.equals(made.plain.reveal()) ? Result<>() : unequal("rewrap and unwrap differ");
    }));
    return check_binding(here, made);
  }

  // Under another tenant's context a wrapped key must not open, unless the provider binds nothing: then the row's MAC
  // alone does it, and the report says so.
  Result<> check_binding(const WrapContext& here, const GeneratedKey& made) {
    WrapContext foreign = here;
    foreign.slot.tenant = TenantId("sealrow-probe-other");
    const auto opened = provider_->unwrap(foreign, made.wrapped);
    if (opened.has_error() && failure_class(opened.error().code) != FailureClass::corrupt) {
      fail("binding", opened.error());
      return opened.error();
    }
    pass("binding");
    if (opened.has_value())
      report_.note = "this provider does not bind a wrapped key to its tenant; the key store's own MAC does";
    return {};
  }

  const KeysConfig& config_;
  ProbeReport report_;
  std::shared_ptr<KeyProvider> provider_;
  bool failed_ = false;
};

}  // namespace

bool ProbeReport::passed() const noexcept {
  return std::ranges::all_of(steps, [](const ProbeStep& step) { return step.outcome == Outcome::passed; });
}

ProbeReport probe(const KeysConfig& config) { return Probe(config).run(); }

}  // namespace sealrow::keys
