#include "net/cancel_registry.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sealrow::net;

namespace {

CancelTarget target(std::string backend_key, ConnectionId connection) {
  CancelTarget made;
  made.backend_key = std::move(backend_key);
  made.connection = connection;
  return made;
}

}  // namespace

TEST_CASE("a cancel key finds its session only when every byte fits") {
  CancelRegistry registry;
  const std::string key("\x00\x00\x00\x07secret", 10);
  REQUIRE(registry.add(key, target("backend1", 42)));
  REQUIRE(registry.find(key));
  CHECK(registry.find(key)->connection == 42);
  CHECK(registry.find(key)->backend_key == "backend1");
  for (std::size_t i = 0; i < key.size(); ++i) {
    std::string wrong = key;
    wrong[i] = static_cast<char>(wrong[i] ^ 1);
    CHECK_FALSE(registry.find(wrong));
  }
  CHECK_FALSE(registry.find(key + "x"));
  CHECK_FALSE(registry.find(std::string_view(key).substr(0, 9)));
  CHECK_FALSE(registry.find(""));
}

TEST_CASE("keys of impossible length are not added") {
  CancelRegistry registry;
  CHECK_FALSE(registry.add("1234567", target("backend1", 1)));
  CHECK_FALSE(registry.add(std::string(261, 'k'), target("backend1", 1)));
  CHECK_FALSE(registry.add("12345678", target("short", 1)));
  CHECK(registry.add(std::string(260, 'k'), target(std::string(260, 'b'), 1)));
  CHECK(registry.size() == 1);
}

TEST_CASE("sessions of one process id are told apart by their secrets") {
  CancelRegistry registry;
  REQUIRE(registry.add("abcd1111", target("backend1", 1)));
  REQUIRE(registry.add("abcd2222", target("backend2", 2)));
  CHECK(registry.find("abcd1111")->connection == 1);
  CHECK(registry.find("abcd2222")->connection == 2);
  registry.remove("abcd1111");
  CHECK_FALSE(registry.find("abcd1111"));
  CHECK(registry.find("abcd2222"));
}

TEST_CASE("a session removes its own key only") {
  CancelRegistry registry;
  REQUIRE(registry.add("abcd1111", target("backend1", 1)));
  registry.remove("abcd2222");
  registry.remove("");
  CHECK(registry.size() == 1);
  registry.remove("abcd1111");
  CHECK(registry.size() == 0);
}
