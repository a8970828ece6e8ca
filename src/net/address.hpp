// Socket addresses: TCP and Unix, as plain values.
#pragma once

#include "net/file_descriptor.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/net/options.hpp"

#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

namespace sealrow::net {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string host;  // as configured: for SNI and the certificate check
  [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] bool is_unix() const noexcept { return storage.ss_family == AF_UNIX; }
};
using AddressList = std::vector<Address>;

[[nodiscard]] inline bool is_unix(const HostPort& endpoint) noexcept { return endpoint.host.starts_with('/'); }
// "/dir/.s.PGSQL.5432"; with port 0 the host is the socket itself.
[[nodiscard]] std::string unix_path(const HostPort& endpoint);
// Blocks in getaddrinfo for names; addresses and Unix sockets are immediate.
[[nodiscard]] Result<AddressList> resolve(const HostPort& endpoint);
// "127.0.0.1:5432" or the socket's path.
[[nodiscard]] std::string to_string(const HostPort& endpoint);
// As the kernel sees a bound socket.
[[nodiscard]] HostPort bound_endpoint(int fd, const HostPort& asked);

// Bound and listening, non-blocking.
[[nodiscard]] Result<FileDescriptor> listen_on(const Address& address, PortSharing sharing, int backlog);
// Non-blocking, close-on-exec, with the options of every data socket (TCP_NODELAY, keep-alive).
[[nodiscard]] FileDescriptor open_socket(const Address& address) noexcept;
void set_data_options(int fd) noexcept;

}  // namespace sealrow::net
