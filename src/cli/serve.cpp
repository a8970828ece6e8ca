#include "cli/commands.hpp"
#include "cli/daemon.hpp"
#include "cli/output.hpp"
#include "sealrow/base/log.hpp"
#include "sealrow/base/secret.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <memory>

namespace sealrow::cli {
namespace {

struct ServeOptions {
  std::string config, port_file;
  std::vector<std::string> listen;
  int ready_fd = -1;
};

// Signals are taken by one thread that waits for them; blocked before any other thread is made.
sigset_t block_signals() {
  sigset_t handled;
  sigemptyset(&handled);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&handled, number);
  ::pthread_sigmask(SIG_BLOCK, &handled, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return handled;
}

// As many descriptors as the hard limit allows: two per session.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// sd_notify(3) without the library: one datagram to $NOTIFY_SOCKET.
void notify_manager(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (path == nullptr || *path == '\0' || std::string_view(path).size() >= sizeof address.sun_path) return;
  const std::string_view name = path;
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, name.size());
  if (name.front() == '@') address.sun_path[0] = '\0';
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  ::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
           static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size()));
  ::close(fd);
}

// "127.0.0.1:0", "[::1]:6432" or the path of a Unix socket.
Result<net::HostPort> parse_endpoint(const std::string& text) {
  if (text.starts_with('/')) return net::HostPort{text, 0};
  const std::size_t colon = text.rfind(':');
  net::HostPort endpoint;
  if (colon != std::string::npos) {
    const char* end = text.data() + text.size();
    const auto [rest, status] = std::from_chars(text.data() + colon + 1, end, endpoint.port);
    endpoint.host = text.substr(0, colon);
    if (endpoint.host.starts_with('[') && endpoint.host.ends_with(']'))
      endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
    if (status == std::errc{} && rest == end && !endpoint.host.empty()) return endpoint;
  }
  return Error{ErrorCode::config_value, "--listen must be address:port or the path of a Unix socket", {}, {}, text};
}

std::string show(const net::HostPort& endpoint) {
  return endpoint.port == 0 ? endpoint.host : fmt::format("{}:{}", endpoint.host, endpoint.port);
}

void report_ready(const ServeOptions& options, const net::Server& server) {
  for (const net::HostPort& endpoint : server.endpoints()) {
    log::info("serve", "listening on {}", show(endpoint));
    fmt::print("listening on {}\n", show(endpoint));
  }
  std::fflush(stdout);
  if (!options.port_file.empty()) {
    // Renamed into place: whoever waits for the file never reads half of it.
    const std::string draft = options.port_file + ".new";
    std::ofstream(draft) << server.endpoints().front().port << '\n';
    std::rename(draft.c_str(), options.port_file.c_str());
  }
  if (options.ready_fd >= 0) {
    const std::string text = fmt::format("{}\n", server.endpoints().front().port);
    [[maybe_unused]] const auto written = ::write(options.ready_fd, text.data(), text.size());
    ::close(options.ready_fd);
  }
  notify_manager("READY=1");
}

// A second SIGTERM or SIGINT ends what drains.
void handle_signals(const sigset_t& handled, Daemon& daemon) {
  bool draining = false;
  const timespec pause{0, 50'000'000};
  while (!daemon.server().finished()) {
    const int number = draining ? ::sigtimedwait(&handled, nullptr, &pause) : ::sigwaitinfo(&handled, nullptr);
    if (number == SIGHUP) {
      notify_manager("RELOADING=1");
      daemon.reload();
      notify_manager("READY=1");
    } else if (number == SIGTERM || number == SIGINT) {
      notify_manager("STOPPING=1");
      log::info("serve", "{}", draining ? "stopping now" : "draining");
      if (draining)
        daemon.server().stop();
      else
        daemon.server().drain();
      draining = true;
    }
  }
}

Exit serve(const ServeOptions& options) {
  const auto config = load_config(options.config);
  if (config.value == nullptr) return print_errors(config.errors), Exit::usage;
  std::vector<net::HostPort> listen;
  for (const std::string& text : options.listen) {
    const auto endpoint = parse_endpoint(text);
    if (endpoint.has_error()) return fail(endpoint.error());
    listen.push_back(*endpoint);
  }
  const auto& logging = config.value->logging;
  log::configure(logging.level, logging.format, logging.file);
  const sigset_t handled = block_signals();
  raise_descriptor_limit();
  const auto hardened = harden_process_memory(config.value->memory_lock);
  if (hardened.has_error()) return fail(hardened.error());
  if (!hardened->empty()) log::warn("serve", "{}", *hardened);

  const auto policy = load_policy(*config.value, config.value->policy_file);
  if (policy.value == nullptr) return print_errors(policy.errors), Exit::usage;
  Daemon daemon(options.config, config.value);
  if (const auto started = daemon.start(policy.value, std::move(listen)); started.has_error())
    return fail(started.error());
  report_ready(options, daemon.server());
  handle_signals(handled, daemon);
  daemon.server().wait();
  log::info("serve", "stopped");
  return Exit::ok;
}

}  // namespace

void add_serve(CLI::App& app, Exit& exit) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "run the daemon in the foreground");
  add_config_option(*command, options->config);
  command->add_option("--listen", options->listen,
                      "address:port instead of the configured listeners; port 0: a free one");
  command->add_option("--port-file", options->port_file, "write the port of the first listener there, once ready");
  command->add_option("--ready-fd", options->ready_fd, "write the port to this descriptor and close it, once ready");
  command->footer("SIGHUP reloads policy and certificates, SIGTERM drains, a second SIGTERM stops at once.");
  command->callback([options, &exit] { exit = serve(*options); });
}

}  // namespace sealrow::cli
