#include "net/tls_stream.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>

namespace sealrow::net {
namespace {

TlsStream& stream_of(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

int bio_read(BIO* bio, char* out, int size) {
  BIO_clear_retry_flags(bio);
  const int got = stream_of(bio).bio_read(out, size);
  if (got < 0) BIO_set_retry_read(bio);
  return got;
}

int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  return stream_of(bio).bio_write(data, size);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

int bio_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

const BIO_METHOD* bio_method() {
  static const BIO_METHOD* method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sealrow span");
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    BIO_meth_set_create(made, bio_create);
    return made;
  }();
  return method;
}

bool is_address(const std::string& host) {
  unsigned char buffer[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, host.c_str(), buffer) == 1 || ::inet_pton(AF_INET6, host.c_str(), buffer) == 1;
}

// Name for SNI (RFC 6066 §3: no addresses) and for the check of the certificate.
bool expect_host(SSL* ssl, const std::string& host, PeerCheck check) {
  const bool address = is_address(host);
  if (!address && SSL_set_tlsext_host_name(ssl, host.c_str()) != 1) return false;
  if (check != PeerCheck::host_name) return true;
  X509_VERIFY_PARAM* rules = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return address ? X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1
                 : X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) == 1;
}

std::string common_name(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) return {};
  std::string name(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  // A NUL inside would end the name early for whoever compares it as a C string.
  return name.find('\0') == std::string::npos ? name : std::string{};
}

}  // namespace

std::string end_point_hash(const X509* certificate) {
  int digest_id = NID_undef;
  if (certificate == nullptr ||
      X509_get_signature_info(const_cast<X509*>(certificate), &digest_id, nullptr, nullptr, nullptr) != 1 ||
      digest_id == NID_undef)
    return {};
  const bool weak = digest_id == NID_md5 || digest_id == NID_sha1;
  const EVP_MD* digest = weak ? EVP_sha256() : EVP_get_digestbynid(digest_id);
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (digest == nullptr || X509_digest(certificate, digest, hash, &size) != 1) return {};
  return {reinterpret_cast<char*>(hash), size};
}

TlsStream::TlsStream(std::shared_ptr<TlsContext> context, std::string host, std::string& sink)
    : context_(std::move(context)), ssl_(SSL_new(context_->get())), host_(std::move(host)), sink_(sink) {}

bool TlsStream::attach() {
  if (ssl_ == nullptr) return false;
  BIO* bio = BIO_new(bio_method());
  if (bio == nullptr) return false;
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), this);
  return true;
}

std::unique_ptr<TlsStream> TlsStream::accept(std::shared_ptr<TlsContext> context, std::string& sink) {
  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(context), {}, sink));
  if (!stream->attach()) return nullptr;
  SSL_set_accept_state(stream->ssl_.get());
  return stream;
}

std::unique_ptr<TlsStream> TlsStream::connect(std::shared_ptr<TlsContext> context, std::string host,
                                              std::string& sink) {
  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(context), std::move(host), sink));
  if (!stream->attach() || !expect_host(stream->ssl_.get(), stream->host_, stream->context_->check())) return nullptr;
  SSL_set_connect_state(stream->ssl_.get());
  if (const auto session = stream->context_->recall(stream->host_)) SSL_set_session(stream->ssl_.get(), session.get());
  return stream;
}

TlsStream& TlsStream::of(const SSL* ssl) noexcept { return *static_cast<TlsStream*>(SSL_get_app_data(ssl)); }

void TlsStream::keep(OpensslPtr<SSL_SESSION> session) { context_->remember(host_, std::move(session)); }

int TlsStream::bio_read(char* out, int size) noexcept {
  if (input_.empty()) return -1;
  const std::size_t take = std::min(input_.size(), static_cast<std::size_t>(std::max(size, 0)));
  std::copy_n(input_.data(), take, reinterpret_cast<unsigned char*>(out));
  input_ = input_.subspan(take);
  return static_cast<int>(take);
}

int TlsStream::bio_write(const char* data, int size) {
  sink_.append(data, static_cast<std::size_t>(std::max(size, 0)));
  return size;
}

TlsStatus TlsStream::status(int result) {
  if (result > 0) return TlsStatus::done;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return TlsStatus::starved;
    case SSL_ERROR_ZERO_RETURN:
      return TlsStatus::closed;
    default:
      failure_ = openssl_reason();
      return TlsStatus::failed;
  }
}

TlsStatus TlsStream::handshake() {
  ERR_clear_error();
  const TlsStatus now = status(SSL_do_handshake(ssl_.get()));
  established_ = now == TlsStatus::done;
  return now;
}

TlsStatus TlsStream::read(MutableBytes plaintext, std::size_t& got) {
  ERR_clear_error();
  got = 0;
  return status(SSL_read_ex(ssl_.get(), plaintext.data(), plaintext.size(), &got));
}

TlsStatus TlsStream::write(ByteView plaintext) {
  ERR_clear_error();
  std::size_t written = 0;
  return plaintext.empty() ? TlsStatus::done
                           : status(SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &written));
}

void TlsStream::close_notify() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

bool TlsStream::speaks_postgresql() const noexcept {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return std::string_view(reinterpret_cast<const char*>(name), size) == "postgresql";
}

session::TlsFacts TlsStream::facts() const {
  session::TlsFacts facts;
  const OpensslPtr<X509> peer(SSL_get1_peer_certificate(ssl_.get()));
  if (host_.empty()) {
    facts.end_point_hash = end_point_hash(SSL_get_certificate(ssl_.get()));
    if (peer != nullptr && SSL_get_verify_result(ssl_.get()) == X509_V_OK)
      facts.peer_common_name = common_name(peer.get());
  } else {
    facts.end_point_hash = end_point_hash(peer.get());
  }
  return facts;
}

std::string TlsStream::failure() const {
  const long verify = SSL_get_verify_result(ssl_.get());
  return verify == X509_V_OK ? failure_ : std::string(X509_verify_cert_error_string(verify));
}

}  // namespace sealrow::net
