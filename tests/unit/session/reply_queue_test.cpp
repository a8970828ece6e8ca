#include "session/postgres/reply_queue.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace sealrow::session::postgres;

namespace {

// A client's requests by letter (PBDECSQF, c for CopyDone) and a server's replies; what stays expected afterwards.
std::string run(ReplyQueue& queue, const std::string& script) {
  const auto ignore = [](const Entry&) {};
  for (const char c : script) {
    switch (c) {
      case 'P':
        (void)queue.sent({RequestKind::parse, Action::forward, nullptr});
        break;
      case 'B':
        (void)queue.sent({RequestKind::bind, Action::forward, nullptr});
        break;
      case 'X':
        (void)queue.sent({RequestKind::execute, Action::forward, nullptr});
        break;
      case 'S':
        (void)queue.sent({RequestKind::sync, Action::forward, nullptr});
        break;
      case 'Q':
        (void)queue.sent({RequestKind::query, Action::forward, nullptr});
        break;
      case 'c':
        (void)queue.sent({RequestKind::copy_end, Action::forward, nullptr});
        break;
      case '+':
        queue.completed();
        break;
      case 'E':
        queue.error(ignore);
        break;
      case 'G':
        queue.copy_in();
        break;
      case 'Z':
        REQUIRE(queue.ready(ignore));
        break;
      default:
        FAIL("unknown step");
    }
  }
  std::string left;
  for (const auto& e : queue.entries()) left.push_back("QFPBDdXCSc"[static_cast<int>(e.kind)]);
  return left + (queue.skipping() ? "!" : "");
}

}  // namespace

TEST_CASE("a pipeline that never runs dry keeps its order") {
  ReplyQueue queue;
  (void)run(queue, "PBX");
  std::string turns;
  for (int i = 0; i < 200; ++i) turns += "P+B+X+";
  CHECK(run(queue, turns) == "PBX");
  CHECK(run(queue, "S+++Z") == "");
}

TEST_CASE("replies are matched as the server gives them") {
  const std::pair<const char*, const char*> cases[]{
      {"PBXS+++Z", ""},  {"QQEZ", "Q"},  // two pipelined queries, the first fails: both get ReadyForQuery
      {"PBX+E", "!"},                    // the error comes at Bind: skip to a Sync that is not there yet
      {"PBX+EQP", "!"},                  // a Query in the skip window is discarded without an answer
      {"PBX+EQPS", "S"}, {"PBX+EQPSZQ", "Q"}, {"PBXQPSQ+E", "SQ"},  // the same, already on its way when the error comes
      {"PSPSE", "SPS"},  {"SEZ", ""},  // an error while processing the Sync: still one ReadyForQuery
      {"XSGcS+Z", ""},                 // the Sync ahead of the data is ignored in copy-in
      {"XGSScS", "XcS"},               // Syncs inside copy-in are ignored
      {"XGSSES", "S"},                 // also when the COPY fails
      {"cQ", "Q"},                     // CopyDone outside of copy-in has no reply
      {"QccZ", ""},
  };
  for (const auto& [script, left] : cases) {
    ReplyQueue queue;
    INFO(script);
    CHECK(run(queue, script) == left);
  }
}

TEST_CASE("a ReadyForQuery that nobody waits for is noticed") {
  ReplyQueue queue;
  CHECK_FALSE(queue.ready([](const Entry&) {}));
  (void)queue.sent({RequestKind::parse, Action::forward, nullptr});
  (void)queue.sent({RequestKind::sync, Action::forward, nullptr});
  CHECK_FALSE(queue.ready([](const Entry&) {}));
}
