#include "sealrow/wire/postgres/builder.hpp"
#include "sealrow/wire/postgres/frame.hpp"
#include "sealrow/wire/postgres/messages.hpp"
#include "sealrow/wire/postgres/startup.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sealrow;
using namespace sealrow::wire::postgres;

namespace {

// Passes lower-case types, looks at upper-case ones, drops 'x'; says `again` a number of times.
struct Sink final : FrameSink {
  std::string passed, looked;
  int refusals = 0;
  Decision decide(char type, std::uint32_t) override {
    return type == 'x' ? Decision::drop : type >= 'a' ? Decision::pass : Decision::look;
  }
  Progress look(const Frame& frame, Lifetime) override {
    if (refusals > 0) {
      --refusals;
      return Progress::again;
    }
    looked += frame.type;
    looked += as_text(frame.body);
    passed += as_text(frame.whole);
    return Progress::taken;
  }
  void pass(ByteView bytes, Lifetime) override { passed += as_text(bytes); }
};

std::string frame(char type, std::string_view body) {
  std::string out;
  Message(out, type).bytes(body);
  return out;
}

}  // namespace

TEST_CASE("every split gives the same messages") {
  const std::string kept = frame('a', "pass") + frame('A', "") + frame('b', "") + frame('B', std::string(300, 'y')) +
                           frame('c', std::string(300, 'z'));
  const std::string stream = frame('x', "dropped") + kept + frame('x', "");
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, stream.size()}) {
      Sink sink;
      FrameWalker walker(1000);
      const auto all = as_bytes(stream);
      CHECK(walker.feed(all.first(first), sink) == FeedStatus::ok);
      for (std::size_t i = first; i < all.size(); i += step) {
        CHECK(walker.feed(all.subspan(i, std::min(step, all.size() - i)), sink) == FeedStatus::ok);
      }
      CHECK((sink.passed == kept));
      CHECK(sink.looked == "AB" + std::string(300, 'y'));
      CHECK(walker.at_boundary());
    }
  }
}

TEST_CASE("a message that cannot be handled yet is offered again, in order") {
  const std::string stream = frame('a', "1") + frame('A', "2") + frame('b', "3") + frame('B', "4");
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    Sink sink;
    sink.refusals = 3;
    FrameWalker walker(1000);
    const auto all = as_bytes(stream);
    for (std::size_t i = 0; i < all.size(); i += step)
      (void)walker.feed(all.subspan(i, std::min(step, all.size() - i)), sink);
    CHECK(walker.suspended());
    CHECK(walker.resume(sink) == FeedStatus::suspended);
    CHECK(walker.resume(sink) == FeedStatus::suspended);
    CHECK(walker.resume(sink) == FeedStatus::ok);
    CHECK((sink.passed == stream));
    CHECK(walker.held() == 0);
  }
}

TEST_CASE("hostile lengths") {
  for (const std::uint32_t length : {0u, 3u, 0x40000000u, 0x80000000u, 0xFFFFFFFFu}) {
    std::string bytes = "A";
    append_u32(bytes, length);
    Sink sink;
    FrameWalker walker(1000);
    CHECK(walker.feed(as_bytes(bytes), sink) == FeedStatus::malformed);
  }
  std::string bytes = "A";
  append_u32(bytes, 1005);
  Sink sink;
  FrameWalker walker(1000);
  CHECK(walker.feed(as_bytes(bytes), sink) == FeedStatus::too_large);
}

TEST_CASE("messages cut short or too long are refused") {
  std::string p, b, t, d;
  append_parse(p, "name", "text", {23, 0});
  Message(b, 'B').cstring("p").cstring("s").u16(1).u16(1).u16(2).cell("v").cell(std::nullopt).u16(1).u16(0);
  append_row_description(t, {{"col", 1, 2, 3, 4, 5, 1}, {"two", 0, 0, 25, -1, -1, 0}});
  Message(d, 'D').u16(2).cell("abc").cell(std::nullopt);
  const auto body = [](const std::string& m, std::size_t size) { return as_bytes(m).subspan(5, size); };
  Parse parse;
  Bind bind;
  std::vector<Field> fields;
  std::vector<Cell> cells;
  const auto sizes = {p.size(), b.size(), t.size(), d.size()};
  for (std::size_t n = 0; n + 5 <= std::max(sizes); ++n) {
    if (n + 5 <= p.size()) CHECK(read(body(p, n), parse) == (n + 5 == p.size()));
    if (n + 5 <= b.size()) CHECK(read(body(b, n), bind) == (n + 5 == b.size()));
    if (n + 5 <= t.size()) CHECK(read(body(t, n), fields) == (n + 5 == t.size()));
    if (n + 5 <= d.size()) CHECK(read_row(body(d, n), cells) == (n + 5 == d.size()));
  }
  CHECK(bind.format(1) == 1);
  std::string codes;
  Message(codes, 'B').cstring("").cstring("").u16(2).u16(0).u16(0).u16(1).cell("v").u16(0);
  CHECK(read(body(codes, codes.size() - 5), bind));
  CHECK_FALSE(bind.formats_fit());  // 2 format codes for 1 value
  CHECK_FALSE(read(as_bytes(std::string_view("\0\0\xFF\xFF", 4)), parse));
  CHECK_FALSE(read_row(as_bytes(std::string_view("\0\1\x80\0\0\0", 6)), cells));
}

TEST_CASE("error fields may lack and come in any order") {
  CHECK_FALSE(error_field(as_bytes(std::string_view("\0", 1)), 'C').has_value());
  CHECK(error_field(as_bytes(std::string_view("Mx\0C42601\0\0", 11)), 'C') == "42601");
  CHECK_FALSE(error_field(as_bytes(std::string_view("Mx\0C42601", 9)), 'C').has_value());
}

TEST_CASE("settings in the options parameter") {
  const auto s = option_settings(R"(-c a.b=1 -cc=2 --Search-Path=x\ y -c noequals -d 3 -c)");
  REQUIRE(s.size() == 3);
  CHECK(s[0] == std::pair<std::string, std::string>{"a.b", "1"});
  CHECK(s[2] == std::pair<std::string, std::string>{"search_path", "x y"});
}
