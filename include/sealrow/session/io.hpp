// The seam between sans-I/O sessions and the pumps of `net`: bytes in, bytes out, and requests for what only the
// outside can do. One session is driven by one thread at a time.
#pragma once

#include "sealrow/base/bytes.hpp"
#include "sealrow/base/ids.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/keys/key_service.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sealrow::session {

enum class Leg : std::uint8_t { client, server };

// Outgoing bytes of one leg, gathered during one call. Pass-through bytes are borrowed from the input span (valid until
// the pump has sent or copied them, at latest when it returns to its event loop); made bytes are owned.
class OutBuffer {
 public:
  void borrow(ByteView bytes);  // adjacent borrows merge into one piece
  void append(std::string_view bytes);
  std::string& owned() noexcept { return owned_; }  // append directly, then call commit_owned()
  void commit_owned();                              // what was appended to owned() since the last piece
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  struct Piece {
    const char* data;
    std::size_t size;
  };
  // Pieces in order. Valid until the next append or clear.
  void pieces(std::vector<Piece>& out) const;
  void clear() noexcept;  // keeps the memory up to a bound

 private:
  struct Part {
    const std::uint8_t* borrowed;
    std::size_t begin, size;
  };  // borrowed null: owned_[begin, begin+size)
  std::vector<Part> parts_;
  std::string owned_;
  std::size_t committed_ = 0;
  std::size_t size_ = 0;
};

// ---- requests -------------------------------------------------------------------------------------------------
// Answered by one call of Session::on_answer with the same id (0 where no answer is expected).

struct StartTls {
  Leg leg;
  std::string received = {};  // bytes of the peer's handshake that came with its request (MySQL clients do not wait)
};                            // bytes already in `out` for the leg go out first, in clear
struct ConnectBackend {};     // open the server leg; answered by on_connected / on_leg_closed
struct FetchKey {
  keys::KeyRequest request;
};  // answered by on_answer (no payload): look it up again
struct FetchVerifier {
  std::string user;
};  // answered by on_verifier
struct RefreshCatalog {
  std::string database;
};  // answered by on_answer: the environment has the new binding
struct CancelBackend {
  std::string our_key;
};  // a CancelRequest arrived: 4 bytes pid + secret, as handed out
struct RegisterCancel {
  std::string our_key;
  std::string backend_key;
};  // pid + secret of both legs
struct Close {
  std::string_view reason;
};  // flush what is in `out`, then close both legs
using Request = std::variant<StartTls, ConnectBackend, FetchKey, FetchVerifier, RefreshCatalog, CancelBackend,
                             RegisterCancel, Close>;

struct Output {
  OutBuffer to_client;
  OutBuffer to_server;
  std::vector<std::pair<std::uint32_t, Request>> requests;  // (id, request)
  [[nodiscard]] OutBuffer& to(Leg leg) noexcept { return leg == Leg::client ? to_client : to_server; }
};

// What a finished TLS handshake tells the session.
struct TlsFacts {
  std::string
      end_point_hash;  // tls-server-end-point (RFC 5929) of the server certificate of that leg; empty if undefined
  std::string peer_common_name;  // client leg with mutual TLS
  bool direct = false;           // client leg: direct TLS with ALPN "postgresql"
};

class Session {
 public:
  virtual ~Session() = default;
  // The client's connection is there. Called once, before anything else: a MySQL server speaks first, so its session
  // asks for the server leg at once.
  virtual void on_accepted(Output&) {}
  // Bytes of one leg, decrypted. Consumes all of them: what cannot be handled yet is kept (bounded) in the session.
  virtual void on_bytes(Leg leg, ByteView bytes, Output& out) = 0;
  virtual void on_connected(Output& out) = 0;  // server leg is up (TCP)
  virtual void on_connect_failed(const Error& error, Output& out) = 0;
  virtual void on_tls(Leg leg, const TlsFacts& facts, Output& out) = 0;  // handshake of StartTls done
  virtual void on_leg_closed(Leg leg, Output& out) = 0;
  virtual void on_answer(std::uint32_t id, Output& out) = 0;  // FetchKey, RefreshCatalog
  virtual void on_verifier(std::uint32_t id, Result<std::string> verifier, Output& out) = 0;
  // False while the session waits for an answer or holds as much as it may: do not read that leg.
  [[nodiscard]] virtual bool wants_bytes(Leg leg) const noexcept = 0;
  // Before authentication has finished (pre-auth limits and time-outs hold).
  [[nodiscard]] virtual bool authenticated() const noexcept = 0;
  // No transaction, nothing outstanding: may be closed on drain.
  [[nodiscard]] virtual bool idle() const noexcept = 0;
  // The daemon drains or an administrative close: append a proper error message for the client.
  virtual void on_shutdown(Output& out) = 0;
};

}  // namespace sealrow::session
