#include "net/mailbox.hpp"
#include "net/reactor.hpp"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <thread>
#include <vector>

using namespace sealrow::net;

TEST_CASE("every task posted from many threads runs once, on the loop's thread") {
  auto reactor = Reactor::make();
  REQUIRE(reactor.has_value());
  const auto mailbox = (*reactor)->mailbox();
  constexpr int threads = 8, each = 2000;
  int ran = 0;
  bool same_thread = true;
  const auto loop = std::this_thread::get_id();
  std::vector<std::thread> posters;
  for (int t = 0; t < threads; ++t)
    posters.emplace_back([&] {
      for (int i = 0; i < each; ++i)
        mailbox->post([&] {
          same_thread = same_thread && std::this_thread::get_id() == loop;
          if (++ran == threads * each) (*reactor)->stop();
        });
    });
  (*reactor)->run();
  for (auto& poster : posters) poster.join();
  CHECK(ran == threads * each);
  CHECK(same_thread);
}

TEST_CASE("a task that comes after the loop has gone is dropped") {
  std::shared_ptr<Mailbox> mailbox;
  auto token = std::make_shared<int>(0);
  {
    auto reactor = Reactor::make();
    REQUIRE(reactor.has_value());
    mailbox = (*reactor)->mailbox();
    mailbox->post([token] { FAIL("must not run"); });
  }
  CHECK(token.use_count() == 1);  // what waited was destroyed
  mailbox->post([token] { FAIL("must not run"); });
  CHECK(token.use_count() == 1);
}
