#include "sealrow/wire/mysql/codec.hpp"
#include "sealrow/wire/mysql/compression.hpp"
#include "sealrow/wire/mysql/frame.hpp"

#include "mysql_bytes.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sealrow;
using namespace sealrow::test;
using namespace sealrow::wire::mysql;

namespace {

// By first byte: 'p' passes, 'x' drops, '!' refuses, all else is looked at; says `again` a number of times.
struct Sink final : FrameSink {
  std::string passed, looked;
  int refusals = 0, fragments = 0;
  std::vector<std::uint8_t> sequences;
  Decision decide(const Head& head) override {
    if (head.first == '!') return Decision::refuse;
    return head.first == 'p' ? Decision::pass : head.first == 'x' ? Decision::drop : Decision::look;
  }
  Progress look(const Frame& frame, Lifetime) override {
    if (refusals > 0) {
      --refusals;
      return Progress::again;
    }
    looked += "[" + std::string(as_text(frame.body.size() > 64 ? frame.body.first(1) : frame.body)) + "]";
    sequences = {frame.sequence, frame.last_sequence};
    passed += as_text(frame.whole);
    return Progress::taken;
  }
  void pass(ByteView bytes, Lifetime) override { passed += as_text(bytes); }
  void fragment(std::uint8_t) override { ++fragments; }
};

std::string packet(std::string_view payload, std::uint8_t sequence = 0) {
  std::string out;
  Sequence ids(sequence);
  append_packet(out, ids, payload);
  return out;
}

FeedStatus feed(FrameWalker& walker, Sink& sink, std::string_view stream, std::size_t step) {
  auto rest = as_bytes(stream);
  FeedStatus status = FeedStatus::ok;
  while (!rest.empty() && (status == FeedStatus::ok || status == FeedStatus::suspended)) {
    const std::size_t n = std::min(step, rest.size());
    status = walker.feed(rest.first(n), sink);
    rest = rest.subspan(n);
  }
  return status;
}

}  // namespace

TEST_CASE("mysql: every split gives the same packets") {
  const std::string kept = packet("p1", 3) + packet("", 4) + packet("look", 5) + packet("p", 6) +
                           packet(std::string(300, 'y'), 255) + packet(std::string(300, 'p'), 0) + packet("z", 1);
  const std::string stream = packet("xdropped", 2) + kept + packet("x", 9);
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, stream.size()}) {
      Sink sink;
      FrameWalker walker(1000);
      CHECK(walker.feed(as_bytes(stream).first(first), sink) == FeedStatus::ok);
      CHECK(feed(walker, sink, std::string_view(stream).substr(first), step) == FeedStatus::ok);
      CHECK((sink.passed == kept));
      CHECK(sink.looked == "[][look][y][z]");
      CHECK(walker.at_boundary());
    }
  }
}

TEST_CASE("mysql: a packet that cannot be handled yet is offered again, in order") {
  const std::string stream = packet("p1") + packet("2") + packet("p3") + packet("") + packet("4");
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    Sink sink;
    sink.refusals = 2;
    FrameWalker walker(1000);
    (void)feed(walker, sink, stream, step);
    CHECK(walker.resume(sink) == FeedStatus::suspended);
    CHECK(walker.resume(sink) == FeedStatus::ok);
    CHECK((sink.passed == stream));
    CHECK(walker.held() == 0);
  }
}

TEST_CASE("mysql: long payloads are split, joined, passed in pieces and renumbered") {
  for (const std::size_t size : {std::size_t{max_packet} - 1, std::size_t{max_packet}, std::size_t{max_packet} + 1,
                                 2 * std::size_t{max_packet}, 2 * std::size_t{max_packet} + 5}) {
    const std::size_t fragments = size / max_packet + 1;
    for (const char first : {'p', 'l', 'x'}) {
      std::string payload(size, '.');
      payload[0] = first;
      payload.back() = '$';
      std::string stream;
      Sequence ids(254);
      append_packet(stream, ids, payload);
      CHECK(ids.next() == static_cast<std::uint8_t>(254 + fragments));
      CHECK(stream.size() == size + fragments * header_size);
      stream += packet("end", ids.next());
      Sink sink;
      FrameWalker walker(3 * max_packet);
      CHECK(feed(walker, sink, stream, 65536) == FeedStatus::ok);
      CHECK(sink.looked == (first == 'l' ? "[l][end]" : "[end]"));
      CHECK(sink.fragments == (first == 'l' ? 0 : static_cast<int>(fragments) - 1));
      CHECK((sink.passed == (first == 'x' ? packet("end", ids.next()) : stream)));
      CHECK(walker.at_boundary());
    }
  }
}

TEST_CASE("mysql: a joined packet's body is the payload, and its bounds hold") {
  const std::string payload = "l" + std::string(max_packet, 'q');
  const std::string stream = packet(payload, 7);
  struct Whole final : FrameSink {
    std::string body;
    std::uint8_t last = 0;
    Decision decide(const Head&) override { return Decision::look; }
    Progress look(const Frame& frame, Lifetime lifetime) override {
      CHECK(lifetime == Lifetime::call);
      body = as_text(frame.body);
      last = frame.last_sequence;
      return Progress::stop;
    }
    void pass(ByteView, Lifetime) override {}
  } sink;
  FrameWalker walker(max_packet + 1);
  CHECK(walker.feed(as_bytes(stream), sink) == FeedStatus::stopped);
  CHECK((sink.body == payload));
  CHECK(sink.last == 8);
  FrameWalker small(max_packet - 1);
  CHECK(small.feed(as_bytes(stream), sink) == FeedStatus::too_large);
  std::string renumbered;
  Sequence ids(255);
  append_renumbered(renumbered, as_bytes(stream), ids);
  CHECK((renumbered == packet(payload, 255)));
}

TEST_CASE("mysql: sequence ids of fragments") {
  for (const char first : {'p', 'l'}) {
    std::string stream = packet(first + std::string(max_packet, '.'), 3);
    stream[max_packet + header_size + 3] = 9;  // should be 4
    Sink strict, lax;
    FrameWalker checked(2 * max_packet), unchecked(2 * max_packet);
    unchecked.layout().continuity(Continuity::unchecked);
    CHECK(checked.feed(as_bytes(stream), strict) == FeedStatus::malformed);
    CHECK(unchecked.feed(as_bytes(stream), lax) == FeedStatus::ok);
  }
}

TEST_CASE("mysql: passed packets can be shifted") {
  const std::string stream = packet("p1", 254) + packet("p2", 255) + packet("p", 0);
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    Sink sink;
    FrameWalker walker(100);
    walker.layout().shift(2);
    CHECK(feed(walker, sink, stream, step) == FeedStatus::ok);
    CHECK((sink.passed == packet("p1", 0) + packet("p2", 1) + packet("p", 2)));
  }
}

TEST_CASE("mysql: refused and single packets") {
  Sink sink;
  FrameWalker walker(100);
  CHECK(walker.feed(as_bytes(packet("!")), sink) == FeedStatus::malformed);
  Frame frame;
  const std::string one = packet("abc", 5);
  for (std::size_t n = 0; n < one.size(); ++n) CHECK_FALSE(read_single(as_bytes(one).first(n), frame));
  REQUIRE(read_single(as_bytes(one), frame));
  CHECK(as_text(frame.body) == "abc");
  CHECK(frame.sequence == 5);
  const std::string longer = one + "x";
  CHECK_FALSE(read_single(as_bytes(longer), frame));
}

TEST_CASE("length-encoded integers") {
  struct Case {
    std::uint64_t value;
    std::string_view bytes;
  };
  for (const auto& [value, bytes] :
       {Case{0, "00"}, Case{250, "fa"}, Case{251, "fcfb00"}, Case{0xFFFF, "fcffff"}, Case{0x10000, "fd000001"},
        Case{0xFFFFFF, "fdffffff"}, Case{0x1000000, "fe0000000100000000"}, Case{~0ull, "feffffffffffffffff"}}) {
    std::string out;
    append_lenenc(out, value);
    CHECK(out == unhex(bytes));
    CHECK(lenenc_size(value) == out.size());
    Reader r(as_bytes(out));
    CHECK(r.lenenc() == value);
    CHECK(r.done());
    for (std::size_t n = 0; n < out.size(); ++n) {
      Reader cut(as_bytes(out).first(n));
      (void)cut.lenenc();
      CHECK_FALSE(cut.ok());
    }
  }
  for (const std::string_view bad : {"fb", "ff"}) {
    const auto bytes = unhex(bad);
    Reader r(as_bytes(bytes));
    (void)r.lenenc();
    CHECK_FALSE(r.ok());
  }
  // A claimed length far beyond what is there.
  const auto huge = unhex("feffffffffffffff7f61");
  Reader r(as_bytes(huge));
  CHECK(r.lenenc_string().empty());
  CHECK_FALSE(r.ok());
}

namespace {

// All that comes out for `stream`, cut in steps; no value on an error.
std::optional<std::string> inflate_all(Algorithm algorithm, std::string_view stream, std::size_t step) {
  auto decompressor = *Decompressor::make(algorithm);
  std::string out;
  auto rest = as_bytes(stream);
  while (!rest.empty()) {
    ByteView chunk = rest.first(std::min(step, rest.size()));
    rest = rest.subspan(chunk.size());
    for (;;) {
      const auto piece = decompressor.pull(chunk);
      if (!piece) return std::nullopt;
      if (piece->empty()) break;
      out += as_text(*piece);
    }
    CHECK(chunk.empty());
  }
  return out;
}

std::string varied(std::size_t size) {
  std::string text;
  std::uint32_t state = 1;
  while (text.size() < size) {
    state = state * 1664525 + 1013904223;
    text += (state >> 24) % 3 == 0 ? std::string(5, static_cast<char>(state >> 16)) : std::to_string(state >> 20);
  }
  text.resize(size);
  return text;
}

}  // namespace

TEST_CASE("compressed protocol: whatever goes in comes out") {
  for (const auto algorithm : {Algorithm::zlib, Algorithm::zstd}) {
    for (const int level : {0, 1, 9}) {
      auto compressor = *Compressor::make(algorithm, level);
      std::string stream, clear;
      Sequence ids;
      for (const std::size_t size : {1u, 49u, 50u, 5000u, 300000u}) {
        const auto part = varied(size);
        REQUIRE(compressor.append(stream, as_bytes(part), ids).has_value());
        clear += part;
      }
      CHECK(ids.next() == 6);  // 300000 bytes take two frames
      CHECK(stream.size() < clear.size());
      for (const std::size_t step : {std::size_t{1}, std::size_t{1000}, stream.size()})
        CHECK((inflate_all(algorithm, stream, step) == clear));
    }
  }
}

TEST_CASE("compressed protocol: frames of real servers") {
  // MySQL 9.7 (zstd) and MariaDB 10.11 (zlib), answers to select repeat('ab', 20000).
  const auto zstd = inflate_all(
      Algorithm::zstd,
      unhex("3c00000100400028b52ffd60003f9501009402010000010117000002036465660000000178000cff0000c40900fa00001f0000"
            "439c0003fc409c61620100a1fef1ae0c14000002675c0028b52ffd60675b5500001062610100625cbbc3020b00000300000007"
            "000004fe000002000000"),
      3);
  REQUIRE(zstd);
  CHECK(zstd->size() == 0x4000 + 0x5C67 + 11);
  CHECK(zstd->ends_with(unhex("07000004fe000002000000")));
  const auto zlib = inflate_all(
      Algorithm::zlib,
      unhex("32000002955c00789cedc2010d00000803a019d5a7787c7b3806d90000000000000000000000000000000000000000000000"
            "7f4d0f14a84484"),
      5);
  REQUIRE(zlib);
  CHECK(zlib->size() == 0x5C95);
}

TEST_CASE("compressed protocol: hostile frames") {
  for (const auto algorithm : {Algorithm::zlib, Algorithm::zstd}) {
    auto compressor = *Compressor::make(algorithm, 0);
    std::string good;
    Sequence ids;
    const auto clear = std::string(100000, 'a');
    REQUIRE(compressor.append(good, as_bytes(clear), ids).has_value());
    const auto with_claim = [&](std::uint32_t size) {
      auto frame = good;
      for (int i = 0; i < 3; ++i) frame[static_cast<std::size_t>(4 + i)] = static_cast<char>(size >> (8 * i));
      return frame;
    };
    CHECK((inflate_all(algorithm, with_claim(100000), 9) == clear));
    CHECK_FALSE(inflate_all(algorithm, with_claim(99999), 9).has_value());   // gives more than it claims
    CHECK_FALSE(inflate_all(algorithm, with_claim(100001), 9).has_value());  // gives less
    CHECK_FALSE(inflate_all(algorithm, with_claim(1), good.size()).has_value());
    auto shorter = good;  // the frame ends before the compressed data does
    shorter[0] = static_cast<char>(shorter[0] - 1);
    CHECK_FALSE(inflate_all(algorithm, shorter + good, 11).has_value());
    auto trailing = good + "x";  // and behind it
    trailing[0] = static_cast<char>(trailing[0] + 1);
    CHECK_FALSE(inflate_all(algorithm, trailing, 11).has_value());
    CHECK_FALSE(inflate_all(algorithm, unhex("0000000001000000"), 1).has_value());  // nothing in it
    CHECK_FALSE(inflate_all(algorithm, unhex("0400000004000061626364"), 20).has_value());
  }
}
