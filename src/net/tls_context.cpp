#include "net/tls_context.hpp"

#include "net/tls_stream.hpp"

#include <openssl/err.h>

#include <string_view>

namespace sealrow::net {
namespace {

constexpr std::string_view alpn_wire = "\x0apostgresql";  // RFC 7301 protocol list with one entry

Error file_error(const std::string& file, std::string_view what) {
  return Error{ErrorCode::config_value, std::string(what) + " cannot be used", openssl_reason(), {}, file};
}

// A client that offers protocols must offer ours (PostgreSQL 17 §54.2.11).
int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size,
                void*) {
  unsigned char* chosen = nullptr;
  const auto* ours = reinterpret_cast<const unsigned char*>(alpn_wire.data());
  if (SSL_select_next_proto(&chosen, out_size, ours, alpn_wire.size(), in, in_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

int keep_session(SSL* ssl, SSL_SESSION* session) {
  TlsStream::of(ssl).keep(OpensslPtr<SSL_SESSION>(session));
  return 1;  // the reference is ours now
}

OpensslPtr<SSL_CTX> make_context(const SSL_METHOD* method) {
  OpensslPtr<SSL_CTX> context(SSL_CTX_new(method));
  if (context == nullptr) return context;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Buffers live only while a record is incomplete: 15 instead of 47 KiB per session.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context.get(), 1);
  return context;
}

Result<> use_certificate(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
    return file_error(certificate, "certificate");
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) return file_error(key, "private key");
  if (SSL_CTX_check_private_key(context) != 1) return file_error(key, "private key (it does not fit the certificate)");
  return {};
}

Result<> trust(SSL_CTX* context, const std::string& ca_file) {
  ERR_clear_error();
  const int done =
      ca_file.empty() ? SSL_CTX_set_default_verify_paths(context) : SSL_CTX_load_verify_file(context, ca_file.c_str());
  if (done != 1) return file_error(ca_file, "certificate authority file");
  return {};
}

}  // namespace

std::string openssl_reason() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(code);
    if (!text.empty()) text += "; ";
    text += reason != nullptr ? reason : "unknown reason";
  }
  return text;
}

Result<std::shared_ptr<TlsContext>> TlsContext::for_clients(const AcceptTlsOptions& options) {
  auto context = make_context(TLS_server_method());
  if (context == nullptr) return Error{ErrorCode::crypto_failure, "TLS cannot be set up", openssl_reason()};
  SEALROW_CHECK(use_certificate(context.get(), options.certificate_file, options.key_file));
  SSL_CTX_set_alpn_select_cb(context.get(), select_alpn, nullptr);
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Stateless tickets only: nothing is kept per client.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 1);
  const unsigned char id[] = "sealrow";
  SSL_CTX_set_session_id_context(context.get(), id, sizeof id - 1);
  if (options.client_certificate != ClientCertificate::ignored) {
    SEALROW_CHECK(trust(context.get(), options.client_ca_file));
    if (auto* names = SSL_load_client_CA_file(options.client_ca_file.c_str()))
      SSL_CTX_set_client_CA_list(context.get(), names);
    const int strict = options.client_certificate == ClientCertificate::required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | strict, nullptr);
  }
  ERR_clear_error();
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(context)));
}

Result<std::shared_ptr<TlsContext>> TlsContext::for_backend(const ConnectTlsOptions& options) {
  auto context = make_context(TLS_client_method());
  if (context == nullptr) return Error{ErrorCode::crypto_failure, "TLS cannot be set up", openssl_reason()};
  if (!options.certificate_file.empty())
    SEALROW_CHECK(use_certificate(context.get(), options.certificate_file, options.key_file));
  if (options.check != PeerCheck::none) {
    SEALROW_CHECK(trust(context.get(), options.ca_file));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(alpn_wire.data()),
                          static_cast<unsigned>(alpn_wire.size()));
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), keep_session);
  auto made = std::shared_ptr<TlsContext>(new TlsContext(std::move(context)));
  made->check_ = options.check;
  return made;
}

void TlsContext::remember(const std::string& host, OpensslPtr<SSL_SESSION> session) {
  const std::lock_guard lock(mutex_);
  sessions_[host].swap(session);
}

OpensslPtr<SSL_SESSION> TlsContext::recall(const std::string& host) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(host);
  // Each TLS 1.3 ticket is used once (RFC 8446 appendix C.4).
  return found == sessions_.end() ? nullptr : std::move(found->second);
}

}  // namespace sealrow::net
