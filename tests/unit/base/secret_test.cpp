#include "sealrow/base/secret.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>
#include <thread>
#include <vector>

using namespace sealrow;

static_assert(!std::is_copy_constructible_v<SecretBytes> && !std::is_copy_assignable_v<SecretBytes>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes>);

namespace {
bool all_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}
}  // namespace

TEST_CASE("secrets start as zeros, move, clone and compare") {
  SecretBytes a(32);
  CHECK(all_zero(a.reveal()));
  a.reveal_mutable()[31] = 7;
  SecretBytes b = a.clone();
  CHECK(a.equals(b.reveal()));
  b.reveal_mutable()[0] = 1;
  CHECK_FALSE(a.equals(b.reveal()));
  CHECK_FALSE(a.equals(b.reveal().first(31)));
  const std::uint8_t* place = a.reveal().data();
  const SecretBytes moved = std::move(a);
  CHECK(moved.reveal().data() == place);
  CHECK(a.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  CHECK(SecretBytes().equals({}));
}

TEST_CASE("a released block comes back as zeros") {
  const std::uint8_t* place = nullptr;
  {
    SecretBytes secret(48);
    place = secret.reveal().data();
    std::ranges::fill(secret.reveal_mutable(), std::uint8_t{0xA5});
  }
  const SecretBytes next(64);  // same size class, last in first out
  CHECK(next.reveal().data() == place);
  CHECK(all_zero(next.reveal()));
}

TEST_CASE("small secrets share pages, blocks do not overlap, large ones work") {
  std::vector<SecretBytes> keys;
  std::set<std::uintptr_t> pages;
  for (int i = 0; i < 1024; ++i) {
    keys.emplace_back(32);
    std::ranges::fill(keys.back().reveal_mutable(), static_cast<std::uint8_t>(i));
    const auto address = reinterpret_cast<std::uintptr_t>(keys.back().reveal().data());
    CHECK(address % 32 == 0);
    pages.insert(address / 4096);
  }
  CHECK(pages.size() <= 20);
  for (int i = 0; i < 1024; ++i) {
    CHECK(std::ranges::all_of(keys[i].reveal(), [i](std::uint8_t b) { return b == static_cast<std::uint8_t>(i); }));
  }
  for (const std::size_t size : {1U, 33U, 2047U, 2048U, 2049U, 100000U}) {
    SecretBytes secret(size);
    CHECK(all_zero(secret.reveal()));
    std::ranges::fill(secret.reveal_mutable(), std::uint8_t{0xFF});
  }
}

TEST_CASE("a forked child sees no secret") {
  SecretBytes secret(32);
  std::ranges::fill(secret.reveal_mutable(), std::uint8_t{0x5A});
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(all_zero(secret.reveal()) ? 0 : 1);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(secret.reveal()[0] == 0x5A);
}

TEST_CASE("threads may allocate and release at once") {
  std::vector<std::thread> threads;
  std::vector<char> clean(4, 1);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t, &clean] {
      for (int i = 0; i < 2000; ++i) {
        SecretBytes secret(32);
        if (!all_zero(secret.reveal())) clean[t] = 0;
        std::ranges::fill(secret.reveal_mutable(), static_cast<std::uint8_t>(t + 1));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(clean == std::vector<char>(4, 1));
}

TEST_CASE("a refused lock is told, and the secret still works") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit none{0, 0};
    const bool limited = setrlimit(RLIMIT_MEMLOCK, &none) == 0 && (geteuid() != 0 || setuid(65534) == 0);
    static char page[4096];
    if (mlock(page, sizeof page) == 0) _exit(2);
    SecretBytes secret(1U << 20);
    secret.reveal_mutable()[0] = 1;
    _exit(limited && !secrets_are_locked() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 2) SKIP("mlock cannot be refused here (the sanitizers replace it)");
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("hardening never fails when best effort is asked for") {
  // In a child: the limits are for the whole process.
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(harden_process_memory(MemoryLock::best_effort).has_value() ? 0 : 1);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}
