#include "net/address.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace sealrow::net {
namespace {

void set_option(int fd, int level, int name, int value) noexcept {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

Error socket_error(std::string message, const HostPort& endpoint) {
  return Error{ErrorCode::config_value, std::move(message), std::strerror(errno), {}, to_string(endpoint)};
}

Result<AddressList> unix_address(const HostPort& endpoint) {
  Address address;
  auto& un = reinterpret_cast<sockaddr_un&>(address.storage);
  const std::string path = unix_path(endpoint);
  if (path.size() >= sizeof un.sun_path)
    return Error{ErrorCode::config_value, "path of a Unix socket is too long", {}, {}, path};
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.c_str(), path.size() + 1);
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  address.host = endpoint.host;
  return AddressList{address};
}

// A socket file that nobody listens on any more is left by a crash; one that answers belongs to somebody.
void remove_stale_socket(const Address& address) noexcept {
  const FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(probe.get(), address.get(), address.size) != 0 && errno == ECONNREFUSED)
    ::unlink(reinterpret_cast<const sockaddr_un*>(address.get())->sun_path);
}

}  // namespace

std::string unix_path(const HostPort& endpoint) {
  return endpoint.port == 0 ? endpoint.host : fmt::format("{}/.s.PGSQL.{}", endpoint.host, endpoint.port);
}

std::string to_string(const HostPort& endpoint) {
  if (is_unix(endpoint)) return unix_path(endpoint);
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", endpoint.host, endpoint.port) : fmt::format("{}:{}", endpoint.host, endpoint.port);
}

Result<AddressList> resolve(const HostPort& endpoint) {
  if (is_unix(endpoint)) return unix_address(endpoint);
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (failure != 0)
    return Error{
        ErrorCode::backend_unreachable, "host name cannot be resolved", ::gai_strerror(failure), {}, endpoint.host};
  AddressList list;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    Address& address = list.emplace_back();
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    address.host = endpoint.host;
  }
  ::freeaddrinfo(found);
  return list;
}

HostPort bound_endpoint(int fd, const HostPort& asked) {
  HostPort endpoint = asked;
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (is_unix(asked) || ::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return endpoint;
  // The port stands at the same place in both families.
  endpoint.port = ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
  return endpoint;
}

Result<FileDescriptor> listen_on(const Address& address, PortSharing sharing, int backlog) {
  const int family = address.storage.ss_family;
  HostPort shown{address.host, 0};
  if (address.is_unix()) remove_stale_socket(address);
  FileDescriptor fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return socket_error("socket cannot be opened", shown);
  if (!address.is_unix()) {
    shown.port = ntohs(reinterpret_cast<const sockaddr_in&>(address.storage).sin_port);
    set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (sharing == PortSharing::shared) set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
    if (family == AF_INET6) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  }
  if (::bind(fd.get(), address.get(), address.size) != 0) return socket_error("address cannot be bound", shown);
  if (::listen(fd.get(), backlog) != 0) return socket_error("address cannot be listened on", shown);
  return fd;
}

FileDescriptor open_socket(const Address& address) noexcept {
  FileDescriptor fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd && !address.is_unix()) set_data_options(fd.get());
  return fd;
}

void set_data_options(int fd) noexcept {
  // Fail with no effect on Unix sockets. A peer that vanished without a word is noticed after about two minutes.
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

}  // namespace sealrow::net
