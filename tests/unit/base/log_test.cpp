#include "sealrow/base/log.hpp"
#include "sealrow/base/clock.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <unistd.h>

using namespace sealrow;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;

namespace {

// Directs the log into a throw-away file and back to standard error.
class LogFile {
 public:
  explicit LogFile(log::Format format)
      : path_(std::filesystem::temp_directory_path() / ("sealrow-log-test-" + std::to_string(getpid()))) {
    log::configure(log::Level::info, format, path_.string());
  }
  ~LogFile() {
    log::configure(log::Level::info, log::Format::text, "");
    std::filesystem::remove(path_);
  }
  [[nodiscard]] std::string text() const {
    log::write(log::Level::error, "test", "flush");  // errors are flushed
    std::ifstream in(path_);
    std::string all{std::istreambuf_iterator<char>(in), {}};
    return all.substr(0, all.rfind('\n', all.size() - 2) + 1);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("JSON log lines are one line each and escaped") {
  const LogFile file(log::Format::json);
  log::info("net", "listening on {}", "[::1]:5432\n\"x\"");
  CHECK_THAT(file.text(),
             ContainsSubstring(R"("level":"info","component":"net","message":"listening on [::1]:5432\n\"x\"")"));
  CHECK_THAT(file.text(), EndsWith("}\n"));
  log::info("net", "caf\xC3\xA9 {}", "ok");
  log::info("net", "caf\xE9 {}", "bad");
  CHECK_THAT(file.text(), ContainsSubstring("caf\xC3\xA9 ok") && ContainsSubstring("caf\\u00e9 bad"));
}

TEST_CASE("an error is logged with code, object and hint") {
  const LogFile file(log::Format::text);
  log::write(log::Level::warn, "plan", Error{ErrorCode::sealed_operand, "no", "", "do", "public.msg.body"});
  CHECK_THAT(file.text(), ContainsSubstring(R"(warn  [plan] no code="SR-E403" object="public.msg.body" hint="do")"));
}

TEST_CASE("lines below the threshold are not written") {
  const LogFile file(log::Format::text);
  log::debug("net", "quiet");
  CHECK_FALSE(log::enabled(log::Level::debug));
  CHECK(file.text().empty());
}

TEST_CASE("a redacted value shows its length only") { CHECK(log::redacted("hunter2") == "<redacted, 7 bytes>"); }

TEST_CASE("a log file that cannot be opened is a start-up error") {
  CHECK_THROWS_AS(log::configure(log::Level::info, log::Format::text, "/proc/none/log"), Exception);
}

TEST_CASE("the system clock runs") {
  const Clock& clock = system_clock();
  const Instant before = clock.now();
  CHECK(before <= clock.now());
  CHECK(clock.wall().time_since_epoch().count() > 0);
}
