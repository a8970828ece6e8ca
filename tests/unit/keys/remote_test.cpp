// What all key services share: addresses, retries, JSON and base64 in secret memory, AWS signatures.
#include "keys/aws/failures.hpp"
#include "keys/aws/regions.hpp"
#include "keys/aws/sigv4.hpp"
#include "keys/gcp/provider.hpp"
#include "keys/remote/caller.hpp"
#include "keys/remote/secret_json.hpp"
#include "support.hpp"

#include <deque>

using namespace sealrow;
using namespace sealrow::keys;
using namespace sealrow::keys::test;
using namespace std::chrono_literals;

namespace {

// Answers in turn; an empty queue is a connection refused.
class ScriptedHttp final : public Http {
 public:
  Result<HttpResponse> send(const HttpRequest&, std::chrono::milliseconds) override {
    ++sent;
    if (answers.empty()) return Error{ErrorCode::key_provider_unavailable, "nobody there"};
    HttpResponse response;
    response.status = answers.front().first;
    if (!answers.front().second.empty()) response.headers.emplace_back("retry-after", answers.front().second);
    answers.pop_front();
    return response;
  }
  std::deque<std::pair<int, std::string>> answers;
  int sent = 0;
};

struct CallerFixture {
  std::shared_ptr<ScriptedHttp> http = std::make_shared<ScriptedHttp>();
  TestClock clock;
  std::vector<std::chrono::milliseconds> pauses;
  int renewed = 0;
  Caller caller{http, {}, clock, [this](std::chrono::milliseconds pause) {
                  pauses.push_back(pause);
                  clock.advance(pause);
                }};
  Result<HttpResponse> call() {
    return caller.call([]() -> Result<HttpRequest> { return HttpRequest(HttpMethod::get, "https://h/"); },
                       [](const HttpResponse& response) { return explain_status(response, "test"); },
                       [this] { ++renewed; });
  }
};

}  // namespace

TEST_CASE("clear text goes to loopback and metadata addresses only, where that was allowed") {
  struct Case {
    const char* url;
    ClearText allowed;
    bool good;
  };
  const Case cases[] = {
      {"https://kms.eu-central-1.amazonaws.com/", ClearText::never, true},
      {"https://[::1]:8443/x?y=z", ClearText::never, true},
      {"http://127.0.0.1:1/", ClearText::never, false},
      {"http://127.0.0.1:1/", ClearText::loopback, true},
      {"http://[::1]:1", ClearText::loopback, true},
      {"http://localhost:8200", ClearText::loopback, true},
      {"http://127.0.0.1.evil.example/", ClearText::loopback, false},
      {"http://localhost.evil.example/", ClearText::loopback, false},
      {"http://10.0.0.1/", ClearText::loopback, false},
      {"http://169.254.169.254/latest/", ClearText::loopback, false},
      {"http://169.254.169.254/latest/", ClearText::metadata, true},
      {"http://169.254.169.253/", ClearText::metadata, false},
      {"http://[fd00:ec2::254]/", ClearText::metadata, true},
      {"https://user@host/", ClearText::never, false},
      {"http://127.0.0.1@evil.example/", ClearText::loopback, false},
      {"https://host/a b", ClearText::never, false},
      {"https://host/\r\nX: y", ClearText::never, false},
      {"https:///path", ClearText::never, false},
      {"ftp://127.0.0.1/", ClearText::metadata, false},
      {"HTTPS://host/", ClearText::never, false},
      {"", ClearText::metadata, false},
  };
  for (const Case& c : cases) {
    INFO(c.url);
    CHECK(parse_url(c.url, c.allowed).has_value() == c.good);
  }
  CHECK(parse_url("https://h:8443?a", ClearText::never)->authority == "h:8443");
  CHECK(parse_url("https://h:8443?a", ClearText::never)->path == "/?a");
  CHECK(parse_url("https://[::1]:8443/", ClearText::never)->host == "::1");
}

TEST_CASE_METHOD(CallerFixture, "passing failures are repeated, with growing jittered pauses, inside the deadline") {
  http->answers = {{503, ""}, {429, ""}, {200, ""}};
  CHECK(call().has_value());
  REQUIRE(pauses.size() == 2);
  CHECK(pauses[0] <= 200ms);
  CHECK(pauses[1] <= 400ms);
}

TEST_CASE_METHOD(CallerFixture, "what will not pass is not repeated") {
  for (const int status : {302, 400, 403, 404, 418}) {
    http->answers = {{status, ""}};
    http->sent = 0;
    CHECK(call().has_error());
    CHECK(http->sent == 1);
  }
}

TEST_CASE_METHOD(CallerFixture, "three attempts at most, and the last failure is the answer") {
  CHECK(call().error().code == ErrorCode::key_provider_unavailable);
  CHECK(http->sent == 3);
  http->answers = {{503, ""}, {503, ""}, {429, ""}, {200, ""}};
  CHECK(call().error().code == ErrorCode::key_provider_throttled);
}

TEST_CASE_METHOD(CallerFixture, "the service's own pause is kept, unless it is longer than anybody waits") {
  http->answers = {{429, "1"}, {200, ""}};
  CHECK(call().has_value());
  CHECK(pauses == std::vector<std::chrono::milliseconds>{1000ms});
  http->answers = {{429, "30"}, {200, ""}};
  CHECK(call().error().code == ErrorCode::key_provider_throttled);
  CHECK(http->answers.size() == 1);
}

TEST_CASE_METHOD(CallerFixture, "refused credentials are renewed once") {
  http->answers = {{401, ""}, {200, ""}};
  CHECK(call().has_value());
  CHECK(renewed == 1);
  http->answers = {{401, ""}, {401, ""}, {200, ""}};
  CHECK(call().error().code == ErrorCode::key_provider_credentials);
  CHECK(renewed == 2);
}

TEST_CASE("JSON of key services") {
  const auto document = SecretJson::parse(R"({"a": {"b": "te\u00e4xt", "n": 7, "f": true}, "k": "AAEC/w=="})");
  REQUIRE(document);
  CHECK(document->text({"a", "b"}) == "te\xc3\xa4xt");
  CHECK(document->number({"a", "n"}) == 7);
  CHECK(document->flag({"a", "f"}) == true);
  CHECK(document->text({"a", "n"}).empty());
  CHECK(document->text({"a", "b", "c"}).empty());
  CHECK(document->find({"x", "y"}) == nullptr);
  CHECK(document->base64({"k"})->equals(as_bytes(std::string_view("\x00\x01\x02\xff", 4))));
  CHECK_FALSE(document->base64({"x"}));
  for (const std::string bad : {"", "[]", "7", "{", "{\"a\":}", "{} {}", "{\"a\": 1,}", "\xff"})
    CHECK_FALSE(SecretJson::parse(bad));
  std::string deep = "{\"a\":";
  for (int i = 0; i < 50; ++i) deep += '[';
  for (int i = 0; i < 50; ++i) deep += ']';
  CHECK_FALSE(SecretJson::parse(deep + "}"));
}

TEST_CASE("JSON that is written is JSON that is read, at any length") {
  for (const std::size_t size : {0u, 1u, 100u, 5'000u, 60'000u}) {
    SecretJson document;
    const std::string value(size, '"');
    document.set("text", value).set("number", std::int64_t{-1}).set_base64("key", as_bytes(value));
    const SecretBytes text = document.serialize();
    const auto again = SecretJson::parse(as_text(text.reveal()));
    REQUIRE(again);
    CHECK(again->text({"text"}) == value);
    CHECK(again->number({"number"}) == -1);
    if (size != 0) CHECK(again->base64({"key"})->equals(as_bytes(value)));
  }
}

TEST_CASE("base64: RFC 4648 section 10, and what is refused") {
  const std::pair<const char*, const char*> vectors[] = {
      {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    CHECK(as_text(encode_base64(as_bytes(plain)).reveal()) == encoded);
    CHECK(decode_base64(encoded)->equals(as_bytes(plain)));
  }
  CHECK(decode_base64("Zm8"));  // Google and JOSE leave the padding out
  CHECK(decode_base64("_-8"));
  for (const char* bad : {"Zg=", "Zg===", "Z", "Zm9v\n", "Zh==", "Zm=v"}) CHECK_FALSE(decode_base64(bad));
}

TEST_CASE("AWS Signature Version 4: the published test suite") {
  const std::string token =
      "AQoDYXdzEPT//////////"
      "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI"
      "/qkPpKPi/"
      "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT3"
      "8xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
  struct Case {
    const char* name;
    HttpMethod method;
    HttpHeaders headers;
    std::string body, session;
    const char* signed_headers;
    const char* signature;
  };
  const Case cases[] = {
      {"get-vanilla",
       HttpMethod::get,
       {},
       "",
       "",
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"post-vanilla",
       HttpMethod::post,
       {},
       "",
       "",
       "host;x-amz-date",
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"post-x-www-form-urlencoded",
       HttpMethod::post,
       {{"Content-Type", "application/x-www-form-urlencoded"}},
       "Param1=value1",
       "",
       "content-type;host;x-amz-date",
       "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
      {"post-sts-header-before",
       HttpMethod::post,
       {},
       "",
       token,
       "host;x-amz-date;x-amz-security-token",
       "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
      {"get-header-value-trim",
       HttpMethod::get,
       {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
       "",
       "",
       "host;my-header1;my-header2;x-amz-date",
       "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
  };
  const WallTime then = WallTime(std::chrono::seconds(1440938160));  // 2015-08-30T12:36:00Z
  for (const Case& c : cases) {
    INFO(c.name);
    HttpRequest request(c.method, "https://example.amazonaws.com/", c.headers, SecretBytes::copy_of(as_bytes(c.body)));
    const aws::Credentials credentials{"AKIDEXAMPLE",
                                       SecretBytes::copy_of(as_bytes("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")),
                                       SecretBytes::copy_of(as_bytes(c.session)),
                                       {},
                                       ""};
    REQUIRE(aws::sign(request, "example.amazonaws.com", credentials, {"us-east-1", "service"}, then).has_value());
    CHECK(
        request.headers.back().second ==
        std::string("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=") +
            c.signed_headers + ", Signature=" + c.signature);
  }
}

TEST_CASE("AWS regions and times") {
  CHECK(aws::region_of("arn:aws:kms:eu-central-1:111122223333:key/x") == "eu-central-1");
  CHECK(aws::region_of("arn:aws").empty());
  CHECK(aws::region_of("alias/x").empty());
  CHECK(aws::service_url("kms", "cn-north-1") == "https://kms.cn-north-1.amazonaws.com.cn/");
  CHECK(aws::is_region("us-gov-west-1"));
  for (const char* bad : {"", "x", "eu-central-1.evil.example/", "EU-CENTRAL-1"}) CHECK_FALSE(aws::is_region(bad));
  CHECK(aws::parse_time("2015-08-30T12:36:00Z") == WallTime(std::chrono::seconds(1440938160)));
  CHECK(aws::parse_time("2015-08-30T12:36:00.123Z") == WallTime(std::chrono::seconds(1440938160)));
  for (const char* bad : {"", "tomorrow", "2015-08-30", "2015-08-30T12:36:00"}) CHECK_FALSE(aws::parse_time(bad));
  CHECK(aws::xml_text("<a><B>c</B></a>", "B") == "c");
  CHECK(aws::xml_text("<B>c", "B").empty());
}

TEST_CASE("CRC32C: RFC 3720 appendix B.4") {
  CHECK(gcp::crc32c(as_bytes("")) == 0);
  CHECK(gcp::crc32c(as_bytes("123456789")) == 0xE306'9283);
  CHECK(gcp::crc32c(as_bytes(std::string(32, '\0'))) == 0x8A91'36AA);
  CHECK(gcp::crc32c(as_bytes(std::string(32, '\xff'))) == 0x62A8'AB43);
}
