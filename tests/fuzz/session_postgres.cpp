// A session under a policy between two hostile ends. Byte 0 chooses how far start-up has got and how slow keys are;
// then blocks of (leg and kind, length, bytes): whole messages with a right header, or raw bytes.
#include "unit/plan/fixture.cpp"

#include "unit/session/driver.hpp"
#include "unit/session/environment.hpp"

using namespace sealrow;
using namespace sealrow::test;

namespace {

std::string names_answer() {
  std::string out = message('1') + message('2');
  {
    wire::postgres::Message m(out, 'D');
    m.u16(5);
    for (const char* cell : {R"(["public"])", "on", "UTF8", "app", "t1"}) m.cell(cell);
  }
  return out + message('C', std::string_view("SELECT 1\0", 9)) + message('3') + message('3') + ready();
}

void answer(Driver& d, FakeEnvironment& environment, std::size_t& answered) {
  while (answered < d.requests.size()) {
    const auto [id, request] = d.requests[answered++];
    if (const auto* fetch = std::get_if<session::FetchKey>(&request)) environment.service.deliver(fetch->request);
    d.call([&](auto& s, auto& out) { s.on_answer(id, out); });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  FakeEnvironment environment;
  environment.service.slow = data[0] % 2 == 1;
  Driver d({}, environment);
  std::size_t answered = 0, at = 1;
  if (data[0] % 4 < 2) {
    d.send(Leg::client, startup_packet({{"user", "app"}}));
    d.connected();
    d.send(Leg::server, auth(0) + ready());
    d.send(Leg::server, names_answer());
  }
  while (at + 2 <= size) {
    const Leg leg = data[at] & 0x80 ? Leg::server : Leg::client;
    const char type = static_cast<char>(data[at] & 0x7F);
    const std::size_t length = std::min<std::size_t>(data[at + 1], size - at - 2);
    const auto bytes = as_text(ByteView(data + at + 2, length));
    at += 2 + length;
    if (type == 0)
      d.send(leg, bytes, 3);
    else if (type == 1)
      d.send(Leg::server, names_answer());
    else if (type == 2)
      d.connected();
    else
      d.send(leg, message(type, bytes), 1 + length % 9);
    answer(d, environment, answered);
    (void)d.session().idle();
    (void)d.session().wants_bytes(leg);
  }
  d.closed(Leg::client);
  return 0;
}
