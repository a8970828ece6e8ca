// TLS of one leg without I/O: ciphertext comes from a span, ciphertext goes to the end of a string. Both belong to the
// worker, so that a stream owns nothing but the SSL object.
#pragma once

#include "net/tls_context.hpp"
#include "sealrow/base/bytes.hpp"
#include "sealrow/session/io.hpp"

#include <memory>
#include <string>

namespace sealrow::net {

enum class TlsStatus : std::uint8_t {
  done,
  starved,  // everything fed was used up, more is needed
  closed,   // the peer's close_notify
  failed,
};

class TlsStream {
 public:
  [[nodiscard]] static std::unique_ptr<TlsStream> accept(std::shared_ptr<TlsContext> context, std::string& sink);
  [[nodiscard]] static std::unique_ptr<TlsStream> connect(std::shared_ptr<TlsContext> context, std::string host,
                                                          std::string& sink);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  // What the calls that follow read; used up when one of them reports `starved`.
  void feed(ByteView ciphertext) noexcept { input_ = ciphertext; }
  [[nodiscard]] TlsStatus handshake();
  [[nodiscard]] TlsStatus read(MutableBytes plaintext, std::size_t& got);
  [[nodiscard]] TlsStatus write(ByteView plaintext);
  void close_notify();

  [[nodiscard]] bool established() const noexcept { return established_; }
  [[nodiscard]] bool speaks_postgresql() const noexcept;  // ALPN agreed on "postgresql"
  [[nodiscard]] session::TlsFacts facts() const;
  [[nodiscard]] std::string failure() const;  // why handshake() failed

  [[nodiscard]] static TlsStream& of(const SSL* ssl) noexcept;
  void keep(OpensslPtr<SSL_SESSION> session);

  // Of the custom BIO.
  int bio_read(char* out, int size) noexcept;
  int bio_write(const char* data, int size);

 private:
  TlsStream(std::shared_ptr<TlsContext> context, std::string host, std::string& sink);
  [[nodiscard]] bool attach();
  [[nodiscard]] TlsStatus status(int result);
  std::shared_ptr<TlsContext> context_;
  OpensslPtr<SSL> ssl_;
  std::string host_;  // backend's name; empty on client legs
  std::string failure_;
  ByteView input_;
  std::string& sink_;
  bool established_ = false;
};

// RFC 5929 §4.1: hash of the certificate by its signature's hash, MD5 and SHA-1 replaced by SHA-256; empty where the
// signature has none (Ed25519).
[[nodiscard]] std::string end_point_hash(const X509* certificate);

}  // namespace sealrow::net
