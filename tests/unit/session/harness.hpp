// A session under a policy, with a scripted server: what the session asks of itself is answered, the rest is the
// test's.
#pragma once

#include "driver.hpp"
#include "environment.hpp"

#include "sealrow/wire/postgres/messages.hpp"

#include <catch2/catch_test_macros.hpp>

namespace sealrow::test {

namespace wp = wire::postgres;

inline std::string row(const std::vector<wp::Cell>& cells) {
  std::string out;
  {
    wp::Message m(out, 'D');
    m.u16(static_cast<std::uint16_t>(cells.size()));
    for (const auto& c : cells) m.cell(c);
  }
  return out;
}
inline std::string description(const std::vector<Oid>& types, std::int16_t format = 0) {
  std::vector<wp::Field> fields;
  for (const Oid type : types) fields.push_back({"c", 0, 0, type, -1, -1, format});
  std::string out;
  wp::append_row_description(out, fields);
  return out;
}
inline std::string complete(std::string_view tag) { return message('C', std::string(tag) + '\0'); }
inline std::string query(std::string_view text) {
  std::string out;
  wp::append_query(out, text);
  return out;
}
inline std::string parse(std::string_view name, std::string_view text, const std::vector<Oid>& types = {}) {
  std::string out;
  wp::append_parse(out, name, text, types);
  return out;
}
inline std::string bind(std::string_view portal, std::string_view statement, const std::vector<wp::Cell>& values,
                        const std::vector<std::int16_t>& formats = {}, const std::vector<std::int16_t>& results = {}) {
  std::string out;
  {
    wp::Message m(out, 'B');
    m.cstring(portal).cstring(statement).u16(static_cast<std::uint16_t>(formats.size()));
    for (const auto f : formats) m.u16(static_cast<std::uint16_t>(f));
    m.u16(static_cast<std::uint16_t>(values.size()));
    for (const auto& v : values) m.cell(v);
    m.u16(static_cast<std::uint16_t>(results.size()));
    for (const auto f : results) m.u16(static_cast<std::uint16_t>(f));
  }
  return out;
}
inline std::string execute(std::string_view portal = "") {
  std::string out;
  wp::append_execute(out, portal, 0);
  return out;
}
inline std::string describe(char kind, std::string_view name = "") {
  std::string out;
  wp::append_target(out, 'D', kind, name);
  return out;
}
inline std::string types_of(const std::vector<Oid>& types) {
  std::string out;
  {
    wp::Message m(out, 't');
    m.u16(static_cast<std::uint16_t>(types.size()));
    for (const Oid t : types) m.u32(t);
  }
  return out;
}

struct Received {
  char type;
  std::string body;
};
inline std::vector<Received> split(const std::string& bytes) {
  std::vector<Received> out;
  for (std::size_t at = 0; at + 5 <= bytes.size();) {
    const std::size_t size = 1 + load_u32(bytes.data() + at + 1);
    out.push_back({bytes[at], bytes.substr(at + 5, size - 5)});
    at += size;
  }
  return out;
}
inline std::string kinds(const std::string& bytes) {
  std::string out;
  for (const auto& m : split(bytes)) out.push_back(m.type);
  return out;
}

class Harness {
 public:
  explicit Harness(FakeEnvironment& environment, std::size_t step = 0, std::string tenant = "")
      : environment_(environment), step_(step), tenant_(std::move(tenant)), driver_({}, environment) {
    driver_.send(Leg::client, startup_packet({{"user", "app"}, {"database", "shop"}}), step);
    driver_.connected();
    (void)driver_.take(Leg::server);
    driver_.send(Leg::server, auth(0) + ready(), step);
    CHECK(kinds(driver_.take(Leg::server)) == "PBECCS");
    answer_names();
    CHECK(shown(driver_.take(Leg::client)) == shown(auth(0) + ready()));
  }

  void client(const std::string& bytes) {
    driver_.send(Leg::client, bytes, step_);
    answer_requests();
  }
  void server(const std::string& bytes) {
    driver_.send(Leg::server, bytes, step_);
    answer_requests();
  }
  [[nodiscard]] std::string to_server() { return driver_.take(Leg::server); }
  [[nodiscard]] std::string to_client() { return driver_.take(Leg::client); }
  void set_tenant(std::string tenant) { tenant_ = std::move(tenant); }
  // Replies to the session's own question.
  void answer_names() {
    server(message('1') + message('2') + row({R"(["public"])", "on", "UTF8", "app", wp::Cell(tenant_)}) +
           complete("SELECT 1") + message('3') + message('3') + ready(status));
  }
  char status = 'I';
  std::function<void()> on_refresh;  // what another session has changed meanwhile
  [[nodiscard]] Driver& driver() { return driver_; }

 private:
  void answer_requests() {
    while (answered_ < driver_.requests.size()) {
      const auto [id, request] = driver_.requests[answered_++];
      const auto* fetch = std::get_if<session::FetchKey>(&request);
      if (fetch != nullptr) environment_.service.deliver(fetch->request);
      const bool refresh = std::holds_alternative<session::RefreshCatalog>(request);
      if (fetch == nullptr && !refresh) continue;
      if (refresh && on_refresh) on_refresh();
      driver_.call([&](auto& s, auto& out) { s.on_answer(id, out); });
    }
  }

  FakeEnvironment& environment_;
  std::size_t step_, answered_ = 0;
  std::string tenant_;
  Driver driver_;
};

}  // namespace sealrow::test
