// A MySQL session under a policy, with an outside that answers what the session asks for itself.
#pragma once

#include "environment.hpp"
#include "mysql_harness.hpp"

#include "unit/plan/mysql_fixture.hpp"

#include "session/open.hpp"

namespace sealrow::test::mysql {

inline std::string hex(std::string_view text) {
  std::string out;
  append_hex(out, as_bytes(text));
  return out;
}

class Shop {
 public:
  explicit Shop(std::size_t step = 0, std::string tenant = "t1", wm::Capabilities capabilities = client_capabilities)
      : tenant_(std::move(tenant)) {
    environment.current = plan::test::make_mysql_world().bind();
    harness_.emplace(environment, step, session::mysql::Settings{.allow_local_infile = true});
    harness_->login(capabilities);
  }
  // What the session asks of the outside and of the server for itself is answered; the command comes back.
  std::string client(const std::string& bytes) {
    harness_->client(bytes);
    std::string sent = settle();
    if (sent.find("@@sql_mode") == std::string::npos) return sent;
    ++questions;
    harness_->server(names());
    return settle();
  }
  std::string server(const std::string& bytes) {
    harness_->server(bytes);
    while (answer_requests()) continue;
    return harness_->to_client();
  }
  std::string error() { return harness_->error(); }
  Harness& harness() { return *harness_; }
  FakeEnvironment environment;
  int questions = 0;
  std::string charset = "utf8mb4", files = "utf8mb4", modes = "STRICT_TRANS_TABLES", database = "app",
              max_packet = "67108864";
  void tenant(std::string now) { tenant_ = std::move(now); }

 private:
  std::string names() {
    const std::string db = hex(database), tenant = hex(tenant_);
    std::vector<wm::Cell> row{db, modes, charset, charset, charset, "8.4.6", "0", files, max_packet, tenant};
    if (tenant_.empty()) row.back() = std::nullopt;
    return text_result(std::vector<Column>(row.size()), {row});
  }
  bool answer_requests() {
    auto& driver = harness_->driver();
    bool any = false;
    while (answered_ < driver.requests.size()) {
      const auto [id, request] = driver.requests[answered_++];
      const auto* fetch = std::get_if<session::FetchKey>(&request);
      if (fetch != nullptr) environment.service.deliver(fetch->request);
      if (fetch == nullptr && !std::holds_alternative<session::RefreshCatalog>(request)) continue;
      driver.call([&](auto& s, auto& out) { s.on_answer(id, out); });
      any = true;
    }
    return any;
  }
  std::string settle() {
    while (answer_requests()) continue;
    return harness_->to_server();
  }
  std::string tenant_;
  std::size_t answered_ = 0;
  std::optional<Harness> harness_;
};

// The envelope that stands in a text.
inline std::string envelope_in(const std::string& text) {
  const auto begin = text.find("sr1.");
  REQUIRE(begin != std::string::npos);
  const auto end =
      text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", begin + 4);
  return text.substr(begin, end - begin);
}
inline std::string sealed(Shop& shop, const std::string& value) {
  const std::string sent = shop.client(query("insert into msg(tenant, body) values ('t1', '" + value + "')"));
  (void)shop.server(ok());
  return envelope_in(sent);
}
inline void row_with(std::string_view cell, const std::string& expected, Shop& shop) {
  (void)shop.client(query("select body from msg"));
  CHECK(shown(shop.server(text_result({{}}, {{cell}}))) == shown(text_result({{}}, {{expected}})));
}

}  // namespace sealrow::test::mysql
