// LOAD DATA LOCAL under a policy: files cut into fields as the servers do, sealed on their way, refused without a
// trace.
#include "mysql_shop.hpp"

#include "session/mysql/load_format.hpp"

using namespace sealrow;
using namespace sealrow::test;
using namespace sealrow::test::mysql;
using session::CopyField;
using session::CopyFormat;

namespace {

plan::CopyPlan format_of(std::size_t fields, plan::LineFormat lines) {
  plan::CopyPlan plan;
  plan.format = plan::CopyPlan::Format::lines;
  plan.lines = std::move(lines);
  plan.fields.resize(fields);
  return plan;
}

// "a|NULL;b|c": fields by |, rows by ;, what is no row in <>. Cut in pieces of `step` bytes.
std::string cut(const plan::CopyPlan& plan, const std::string& file, std::size_t step) {
  const auto format = session::mysql::make_load_format(plan);
  std::string out, data;
  std::size_t given = 0;
  for (;;) {
    std::size_t size = 0;
    const bool last = given == file.size();
    const auto found = data.empty() ? CopyFormat::Cut::more : format->cut(data, last, size);
    if (found == CopyFormat::Cut::malformed) return out + "malformed";
    if (found == CopyFormat::Cut::more) {
      if (last) return out;
      data += file.substr(given, step);
      given = std::min(file.size(), given + step);
      continue;
    }
    std::vector<CopyField> fields;
    if (found == CopyFormat::Cut::header) {
      out += "<" + data.substr(0, size) + ">";
    } else {
      CHECK(format->fields(data.substr(0, size), fields));
      for (std::size_t i = 0; i < fields.size(); ++i) out += (i > 0 ? "|" : "") + fields[i].value.value_or("NULL");
      out += ";";
    }
    format->taken();
    data.erase(0, size);
  }
}

std::string load_text(const std::string& how) { return "load data local infile 'f' into table msg " + how; }
std::string file_request(std::uint8_t sequence = 1) {
  return packet(sequence,
                "\xFB"
                "f");
}

// The payloads of the packets, one after the other; each must be in order from `first` on.
std::string joined(const std::string& bytes, std::uint8_t first) {
  std::string out;
  for (const auto& p : split(bytes)) {
    CHECK(p.sequence == first++);
    out += p.payload;
  }
  return out;
}

}  // namespace

TEST_CASE("LOAD DATA: lines and fields are cut as the servers do, in every chunking") {
  struct Case {
    const char* name;
    std::size_t fields;
    plan::LineFormat format;
    std::string file, expected;
  };
  const plan::LineFormat plain{.escape = '\\'};
  const plan::LineFormat csv{.fields_terminated = ",", .lines_terminated = "\r\n", .enclosed = '"', .escape = '"'};
  const plan::LineFormat quoted{.fields_terminated = ",", .enclosed = '\'', .escape = '\\'};
  const plan::LineFormat odd{
      .fields_terminated = "||", .lines_terminated = ";\n", .lines_starting = "xx", .escape = {}};
  plan::LineFormat skipping = quoted;
  skipping.skipped = 2;
  const std::vector<Case> cases = {
      {"plain", 2, plain, "a\tb\nc\td\n", "a|b;c|d;"},
      {"no newline at the end", 2, plain, "a\tb\nc\td", "a|b;c|d;"},
      {"empty file", 2, plain, "", ""},
      {"empty fields", 2, plain, "\t\n\n", "|;;"},
      {"ends behind a terminator", 2, plain, "a\t", "a;"},
      {"escapes", 1, plain, "a\\tb\\nc\\\\d\\0e\\Zf\\bg\\rh\\qi\\\tj\\\nk\n",
       std::string("a\tb\nc\\d\0e\x1A"
                   "f\bg\rhqi\tj\nk;",
                   22)},
      {"escape at the end", 1, plain, "a\\", "a\\;"},
      {"nulls", 3, plain, "\\N\t\\Nx\tNULL\n", "NULL|Nx|NULL;"},
      {"more fields than columns", 1, plain, "a\tb\tc\\\nd\ne\n", "a;e;"},
      {"csv", 2, csv, "\"a\"\"b\",\"c\r\nd\"\r\ne,f\r\n", "a\"b|c\r\nd;e|f;"},
      {"csv, quotes in the middle", 2, csv, "\"a\"b\",c\"d\r\n", "a\"b|c\"d;"},
      {"csv, a lone \\r", 2, csv, "a\rb,c\r\r\n", "a\rb|c\r;"},
      {"csv, null is the word alone", 3, csv, "NULL,\"NULL\",nULL\r\n", "NULL|NULL|nULL;"},
      {"csv, quoted at the end of the file", 1, csv, "\"a\"", "a;"},
      {"csv, not closed", 1, csv, "\"a\r\n", "malformed"},
      {"quoted", 2, quoted, "'a\\'b','c''d'\n'e\\Nf',\\N\n", "a'b|c'd;eNf|NULL;"},
      {"a quoted \\N is null too", 1, quoted, "'\\N'\n", "NULL;"},
      {"prefix", 2, odd, "junk\nxxa||b;\nskip xx|c||d;\nxxx||e;\n no row", "a|b;|c|d;x|e;< no row>"},
      {"half terminators", 2, odd, "xxa|b||c;d\n;\n", "a|b|c;d\n;"},
      {"skipped lines", 2, skipping, "'a\n,b',c\nd\\\ne\nf,g\n", "<'a\n><,b',c\n>d\ne;f|g;"},
  };
  for (const auto& c : cases) {
    for (std::size_t step = 1; step < 9; ++step) {
      INFO(c.name << ", " << step);
      CHECK(shown(cut(format_of(c.fields, c.format), c.file, step)) == shown(c.expected));
    }
  }
}

TEST_CASE("LOAD DATA: what is written reads as it was") {
  const std::string value("sr1.A-_b\\ , ' \" \n \t N NULL \0 x", 29);
  for (const plan::LineFormat& lines : {plan::LineFormat{.escape = '\\'},
                                        {.fields_terminated = ",", .enclosed = '"', .escape = '\\'},
                                        {.fields_terminated = ",", .enclosed = '"', .escape = '"'},
                                        {.fields_terminated = ",", .enclosed = '\''}}) {
    const auto plan = format_of(2, lines);
    const auto format = session::mysql::make_load_format(plan);
    std::string row;
    format->append_field(row, 0, value);
    row += lines.fields_terminated;
    format->append_field(row, 1, value);
    row += lines.lines_terminated;
    std::vector<CopyField> fields;
    std::size_t size = 0;
    CHECK(format->cut(row, false, size) == CopyFormat::Cut::row);
    CHECK(size == row.size());
    REQUIRE(format->fields(row, fields));
    REQUIRE(fields.size() == 2);
    CHECK(fields[0].value == value);
    CHECK(fields[1].value == value);
  }
}

TEST_CASE("LOAD DATA: a file is sealed on its way, in every chunking") {
  const std::string file = "1\tt1\tsecret one\n2\tt1\t\\N\n3\tt1\tsecret \\t three\n";
  for (std::size_t step = 0; step < 7; ++step) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{5}, file.size()}) {
      Shop shop(step);
      shop.environment.service.slow = step % 2 == 1;
      const auto command = query(load_text("(id, tenant, body)"));
      CHECK(shown(shop.client(command)) == shown(command));
      CHECK(shown(shop.server(file_request())) == shown(file_request()));
      std::string sent;
      std::uint8_t sequence = 2;
      for (std::size_t at = 0; at < file.size(); at += piece)
        sent += shop.client(packet(sequence++, file.substr(at, piece)));
      sent += shop.client(packet(sequence++, ""));
      const auto packets = split(sent);
      REQUIRE(packets.size() > 1);
      for (std::size_t i = 0; i < packets.size(); ++i) CHECK(packets[i].payload.empty() == (i + 1 == packets.size()));
      const std::string text = joined(sent, 2);
      CHECK(text.find("secret") == std::string::npos);
      CHECK(text.starts_with("1\tt1\tsr1."));
      CHECK(text.find("\n2\tt1\t\\N\n3\tt1\tsr1.") != std::string::npos);
      // The server's answer follows its own numbers; the client's are others.
      CHECK(shown(shop.server(ok(static_cast<std::uint8_t>(2 + packets.size())))) == shown(ok(sequence)));
      row_with(envelope_in(text.substr(text.find("\n3"))), "secret \t three", shop);
    }
  }
}

TEST_CASE("LOAD DATA: a large row is sent in packets of bounded size") {
  Shop shop;
  (void)shop.client(query(load_text("(tenant, title, body)")));
  (void)shop.server(file_request());
  const std::string title(5u << 20, 'x');
  const auto sent = shop.client(packet(2, "t1\t" + title + "\tsecret\n") + packet(3, ""));
  const auto packets = split(sent);
  CHECK(packets.size() == 7);
  const std::string text = joined(sent, 2);
  CHECK(text.starts_with("t1\t" + title + "\tsr1."));
}

TEST_CASE("LOAD DATA: a bad row ends the connection before the file does, so that no row stays") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"1\tt1\tgood\n2\tt2\tother tenant\n3\tt1\tafter\n", "SR-E50"},
      {"1\tt1\tgood\n2\t\\N\tnull tenant\n", "SR-E50"},
      {"1\tt1\tgood\n2\tt1\n", "SR-E"},
      {"1\tt1\t\xFF\n", "SR-E"},
      {"", "SR-E204"},
  };
  for (const auto& [text, code] : cases) {
    for (std::size_t step = 0; step < 4; ++step) {
      Shop shop(step);
      const std::string file = text.empty() ? "1\tt1\t" + sealed(shop, "stolen") + "\n" : text;
      INFO(file);
      (void)shop.client(query(load_text("(id, tenant, body)")));
      (void)shop.server(file_request());
      std::string sent;
      std::uint8_t sequence = 2;
      for (const char c : file) sent += shop.client(packet(sequence++, std::string(1, c)));
      CHECK_FALSE(shop.harness().closing());
      sent += shop.client(packet(sequence, ""));
      for (const auto& p : split(sent)) CHECK_FALSE(p.payload.empty());
      CHECK(sent.find("after") == std::string::npos);
      CHECK(shop.harness().closing());
      const auto answer = split(shop.harness().to_client());
      REQUIRE(answer.size() == 1);
      CHECK(answer[0].sequence == static_cast<std::uint8_t>(sequence + 1));
      CHECK(answer[0].payload.find(code) != std::string::npos);
    }
  }
}

TEST_CASE("LOAD DATA: the database's character set counts where the statement says none") {
  Shop shop;
  shop.files = "latin1";
  CHECK(shop.client(query(load_text("(tenant, body)"))).empty());
  CHECK(shop.error().find("SR-E416") != std::string::npos);
  CHECK_FALSE(shop.client(query(load_text("character set utf8mb4 (tenant, body)"))).empty());
  (void)shop.server(ok());
  // Another database may have another one: it is asked for again.
  shop.files = "utf8mb4";
  (void)shop.client(query("use app"));
  (void)shop.server(ok());
  CHECK_FALSE(shop.client(query(load_text("(tenant, body)"))).empty());
  CHECK(shop.questions == 2);
}

TEST_CASE("LOAD DATA: a file that is not named is not asked for, and one that is not protected passes") {
  Shop shop;
  (void)shop.client(query(load_text("(tenant, body)")));
  CHECK(shop.server(packet(1, "\xFB/etc/passwd")).find("/etc/passwd") == std::string::npos);
  CHECK(shop.harness().closing());
  Shop other;
  (void)other.client(query("load data local infile 'f' into table other (t)"));
  (void)other.server(file_request());
  const auto data = packet(2, "clear\n") + packet(3, "");
  CHECK(shown(other.client(data)) == shown(data));
  CHECK(shown(other.server(ok(4))) == shown(ok(4)));
}
