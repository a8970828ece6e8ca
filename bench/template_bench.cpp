// Nanoseconds per statement of make_template, and of a whole parse, for typical statement shapes.
// Prints the minimum and the median over several rounds; run it on an idle core of a release build.
#include "sealrow/sql/postgres.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace {

using sealrow::sql::postgres::make_template;
using sealrow::sql::postgres::parse;
using sealrow::sql::postgres::Template;

struct Statement {
  const char* name;
  std::string text;
};

std::string orm_select(bool aliases) {
  std::string text = "SELECT ";
  for (int i = 0; i < 30; ++i) {
    const std::string column = "chat_message_column_" + std::to_string(i);
    text += aliases ? "m.content_" + std::to_string(i) + " AS " + column : "\"chat_message\".\"" + column + "\"";
    text += i < 29 ? ", " : " ";
  }
  text += aliases
              ? "FROM chat_message m JOIN chat c ON c.id = m.chat_id WHERE m.chat_id = 42 AND c.owner = 'bob' LIMIT 50"
              : "FROM \"chat_message\" \"chat_message\" WHERE \"chat_id\" = 42 LIMIT 50";
  return text;
}

std::string insert(int rows) {
  std::string text = "INSERT INTO messages (id, tenant, role, body, model, tokens, cost, created) VALUES ";
  for (int row = 0; row < rows; ++row) {
    text += row == 0 ? "" : ", ";
    text += "(" + std::to_string(1000 + row) +
            ", 'acme', 'assistant', 'The answer to the question is forty-two, as "
            "everybody knows.', 'model-large', 1234, 0.0042, '2024-05-01 12:34:56+00')";
  }
  return text;
}

std::string big_insert(bool quotes) {
  std::string text = "INSERT INTO messages (id, body) VALUES (1, '";
  for (int i = 0; i < 8192; ++i) text += quotes && i % 64 == 0 ? "''" : "x";
  return text + "')";
}

std::string in_list() {
  std::string text = "SELECT id, body FROM messages WHERE tenant = 'acme' AND id IN (";
  for (int i = 0; i < 100; ++i) text += (i == 0 ? "" : ", ") + std::to_string(100000 + i * 7);
  return text + ")";
}

template <class Work>
void measure(const char* name, std::size_t bytes, Work work) {
  using clock = std::chrono::steady_clock;
  std::vector<double> rounds;
  std::size_t repeat = 1;
  for (int round = 0; round < 15;) {
    const auto start = clock::now();
    for (std::size_t i = 0; i < repeat; ++i) work();
    const double ns = std::chrono::duration<double, std::nano>(clock::now() - start).count();
    if (ns < 5e6) {
      repeat *= 2;
      continue;
    }
    rounds.push_back(ns / static_cast<double>(repeat));
    ++round;
  }
  std::sort(rounds.begin(), rounds.end());
  std::printf("%-34s %6zu bytes  %9.0f ns (min %.0f)\n", name, bytes, rounds[rounds.size() / 2], rounds[0]);
}

}  // namespace

int main() {
  const Statement statements[] = {
      {"short select", "SELECT id, body FROM messages WHERE id = 42 AND role = $1"},
      {"ORM select, 30 quoted columns", orm_select(false)},
      {"ORM select, aliases, join", orm_select(true)},
      {"insert 1 x 8", insert(1)},
      {"insert 10 x 8", insert(10)},
      {"insert, one 8 KiB literal", big_insert(false)},
      {"the same with doubled quotes", big_insert(true)},
      {"upsert with $n",
       "INSERT INTO snapshots (id, tenant, body, updated_at) VALUES ($1, $2, $3, now()) ON CONFLICT (id) DO UPDATE SET "
       "body = excluded.body, updated_at = excluded.updated_at RETURNING id"},
      {"update", "UPDATE messages SET body = 'new text', tokens = 12, cost = 0.5 WHERE id = 42 AND tenant = $1"},
      {"BEGIN", "BEGIN"},
      {"select in (100 numbers)", in_list()},
  };
  Template out;
  std::puts("make_template");
  for (const auto& [name, text] : statements) measure(name, text.size(), [&] { make_template(text, {}, out); });
  std::puts("parse");
  for (const auto& [name, text] : statements) measure(name, text.size(), [&] { (void)parse(text); });
}
