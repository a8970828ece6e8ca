#include "keys/remote/bearer.hpp"

#include "sealrow/base/log.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <charconv>

namespace sealrow::keys {

namespace {

constexpr auto refresh_ahead = std::chrono::minutes(5);
constexpr auto refresh_interval = std::chrono::seconds(30);

std::optional<std::int64_t> lifetime_of(const SecretJson& document) {
  if (const auto number = document.number({"expires_in"})) return number;
  const std::string_view text = document.text({"expires_in"});
  std::int64_t seconds = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return seconds;
}

}  // namespace

Result<SharedBearer> BearerTokens::get() {
  const std::lock_guard lock(mutex_);
  const WallTime now = clock_.wall();
  if (current_ && current_->expires - now > refresh_ahead) return current_;
  const bool usable = current_ && current_->expires > now;
  if (usable && now < next_try_) return current_;
  next_try_ = now + refresh_interval;
  auto fresh = fetch_();
  if (fresh.has_value()) return current_ = std::make_shared<const BearerToken>(std::move(*fresh));
  if (!usable) return std::move(fresh).error();
  log::write(log::Level::warn, "keys", fresh.error());  // the old one still holds
  return current_;
}

void BearerTokens::forget(const SharedBearer& refused) {
  const std::lock_guard lock(mutex_);
  if (current_ == refused) current_.reset();
}

Result<BearerToken> parse_bearer(const HttpResponse& response, WallTime now, const std::string& service) {
  const auto document = SecretJson::parse(response.text());
  const std::string_view token = document ? document->text({"access_token"}) : std::string_view();
  const auto seconds = document ? lifetime_of(*document) : std::nullopt;
  if (token.empty() || !seconds || *seconds < 0 || *seconds > 7 * 24 * 3600)
    return malformed_answer(service, "no token in it");
  return BearerToken{SecretBytes::copy_of(as_bytes(token)), now + std::chrono::seconds(*seconds)};
}

Failure explain_token_refusal(const HttpResponse& response, WallTime now, const std::string& service) {
  Failure failure = explain_status(response, service);
  if (failure.retry == Retry::later) return failure;
  const auto document = SecretJson::parse(response.text());
  const std::string_view kind = document ? document->text({"error"}) : std::string_view();
  const std::string difference = clock_difference(response, now, std::chrono::minutes(1));
  if (response.status == 400 && !difference.empty())  // assertions carry the time
    return {{ErrorCode::key_provider_clock, "clock differs too much from the identity service's", difference,
             "synchronise this host's clock (NTP)", service}};
  if (response.status != 404 && kind.empty() && response.status != 401 && response.status != 403) return failure;
  std::string detail = failure.error.detail;
  if (!kind.empty()) detail += ": " + told(kind);
  if (document && !document->text({"error_description"}).empty())
    detail += ", " + told(document->text({"error_description"}));
  return {{ErrorCode::key_provider_credentials, "identity service gave no token", std::move(detail),
           "check the identity that Sealrow runs under, its key or federation", service}};
}

SecretBytes form_body(const std::vector<FormField>& fields) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string form;
  for (const auto& [name, value] : fields) {
    if (!form.empty()) form += '&';
    form.append(name).append(1, '=');
    for (const char c : value) {
      const auto byte = static_cast<std::uint8_t>(c);
      const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                              c == '_' || c == '.' || c == '~';
      if (unreserved)
        form += c;
      else
        form.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
  }
  SecretBytes out = SecretBytes::copy_of(as_bytes(form));
  wipe(form);
  return out;
}

Result<SecretBytes> sign_jwt(const SecretJson& header, const SecretJson& claims, const SecretBytes& pem) {
  using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
  const Bio bio(BIO_new_mem_buf(pem.reveal().data(), static_cast<int>(pem.size())), &BIO_free);
  const Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr) : nullptr, &EVP_PKEY_free);
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
    return Error{ErrorCode::key_provider_credentials, "private key of the identity cannot be used",
                 "it is no RSA key in PEM"};
  std::string text =
      encode_base64url(header.serialize().reveal()) + '.' + encode_base64url(claims.serialize().reveal());
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key.get()));
  std::string signature(size, '\0');
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, as_bytes(text).data(),
                     text.size()) != 1)
    return Error{ErrorCode::crypto_failure, "cryptographic library reported a failure"};
  signature.resize(size);
  text += '.' + encode_base64url(as_bytes(signature));
  SecretBytes out = SecretBytes::copy_of(as_bytes(text));
  wipe(text);
  return out;
}

}  // namespace sealrow::keys
