// Certificates, keys and rules of TLS on one kind of leg; immutable once made, shared by every stream.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/net/options.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace sealrow::net {

struct OpensslDeleter {
  void operator()(SSL_CTX* p) const noexcept { SSL_CTX_free(p); }
  void operator()(SSL* p) const noexcept { SSL_free(p); }
  void operator()(SSL_SESSION* p) const noexcept { SSL_SESSION_free(p); }
  void operator()(X509* p) const noexcept { X509_free(p); }
};
template <class T>
using OpensslPtr = std::unique_ptr<T, OpensslDeleter>;

// Reasons of the library, oldest first, without file names; clears its queue.
[[nodiscard]] std::string openssl_reason();

class TlsContext {
 public:
  [[nodiscard]] static Result<std::shared_ptr<TlsContext>> for_clients(const AcceptTlsOptions& options);
  [[nodiscard]] static Result<std::shared_ptr<TlsContext>> for_backend(const ConnectTlsOptions& options);

  [[nodiscard]] SSL_CTX* get() const noexcept { return context_.get(); }
  [[nodiscard]] PeerCheck check() const noexcept { return check_; }
  // The newest session of a host, for resumption: sessions of one host are never offered to another, because a
  // resumed handshake does not check the certificate again.
  void remember(const std::string& host, OpensslPtr<SSL_SESSION> session);
  [[nodiscard]] OpensslPtr<SSL_SESSION> recall(const std::string& host);

 private:
  explicit TlsContext(OpensslPtr<SSL_CTX> context) : context_(std::move(context)) {}
  OpensslPtr<SSL_CTX> context_;
  PeerCheck check_ = PeerCheck::none;
  std::mutex mutex_;
  std::unordered_map<std::string, OpensslPtr<SSL_SESSION>> sessions_;
};

}  // namespace sealrow::net
