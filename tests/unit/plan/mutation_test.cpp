// Statements that nobody wrote: parts of real ones, cut and spliced at random (with a fixed seed).
#include "unit/plan/fixture.hpp"
#include "unit/plan/mysql_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <random>
#include <set>
#include <string>
#include <vector>

using namespace sealrow;
using namespace sealrow::plan;
using namespace sealrow::plan::test;

namespace {

const std::vector<std::string> seeds = {
    "insert into msg(tenant, body, num) values ('t', $1::text, 5), ($2, 'x', default) returning *",
    "insert into note select id, 't', coalesce($1, 'y'), 'e' from other where t = 'z' on conflict (email) do update "
    "set body = "
    "excluded.body where note.tenant = 't'",
    "update msg m set (body, email) = ('x', $1), meta = case when m.id = 1 then $2::jsonb else meta end from other o "
    "where o.id = "
    "m.id and tenant = $3",
    "with recursive r as (select id, body from msg union all select m.id, m.body from msg m, r where r.id = m.id) "
    "select * from r",
    "select email, count(*), array_agg(body order by id) from msg group by email having email <> 'x' order by 2 limit "
    "3",
    "select distinct tenant, m.email from msg m join note n on n.email = m.email where m.email in ('a', $1) and num = "
    "any($2)",
    "merge into msg m using (values ('t', $1)) s(a, b) on m.tenant = s.a when matched then update set body = s.b when "
    "not matched "
    "then insert (tenant, body) values (s.a, 'q')",
    "select row_to_json(n), (select x.c from msg_vv x limit 1), json_build_object('a', n.body)->>'a' from note n left "
    "join lateral "
    "(select * from other o where o.id = n.id) l on true",
    "prepare p(text, int) as update msg_v set content = $1 where id = $2; execute p('x', 1); deallocate p",
    "copy msg(tenant, body) from stdin with (format csv, header)",
};

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < text.size();) {
    const bool letter =
        std::isalnum(static_cast<unsigned char>(text[i])) || text[i] == '_' || text[i] == '\'' || text[i] == '$';
    std::size_t end = i + 1;
    while (letter && end < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_' || text[end] == '\'')) {
      ++end;
    }
    parts.push_back(text.substr(i, end - i));
    i = end;
  }
  return parts;
}

bool destination_is_sound(const Plan& plan, const Destination& destination) {
  return destination.column < plan.columns.size() && destination.tenant < plan.tenants.size();
}

// No text that an edit puts in holds a value that another edit seals.
void check_leaks_nothing(const Plan& plan, std::string_view text, const sql::Template& shape) {
  for (const Edit& edit : plan.edits) {
    const auto* literal = std::get_if<ReplaceLiteral>(&edit);
    if (!literal) continue;
    const sql::Span span = shape.literals.at(literal->literal).span;
    const std::string_view value = text.substr(span.begin, span.end - span.begin);
    if (value.size() < 6) continue;
    for (const Edit& other : plan.edits) {
      const auto* replace = std::get_if<ReplaceText>(&other);
      CHECK((!replace || replace->text.find(value) == std::string::npos));
    }
  }
}

void check_sound(const std::string& text, const Binding& binding, const SessionNames& names) {
  sql::Template shape;
  sql::make_template(text, names.lexer, shape);
  const PlanOutcome outcome = make_plan(binding, names, {text, &shape, Protocol::extended, nullptr});
  const Plan& plan = *outcome.plan;
  if (plan.verdict != Verdict::apply) {
    CHECK(plan.edits.empty());
    CHECK(plan.statements.empty());
    return;
  }
  check_leaks_nothing(plan, text, shape);
  std::uint32_t position = 0;
  std::set<std::uint32_t> literals;
  for (const Edit& edit : plan.edits) {
    if (const auto* replace = std::get_if<ReplaceText>(&edit)) {
      CHECK(replace->begin >= position);
      CHECK(replace->end >= replace->begin);
      CHECK(replace->end <= shape.text.size());
      position = replace->end;
      CHECK((!replace->destination || destination_is_sound(plan, *replace->destination)));
    } else {
      const auto& literal = std::get<ReplaceLiteral>(edit);
      CHECK(literal.literal < shape.literals.size());
      CHECK(literals.insert(literal.literal).second);
      CHECK(destination_is_sound(plan, literal.destination));
    }
  }
  for (const StatementPlan& statement : plan.statements) {
    for (const ParameterPlan& parameter : statement.parameters) {
      CHECK_FALSE(parameter.sent.empty());
      for (const auto& sent : parameter.sent)
        CHECK((!sent.destination || destination_is_sound(plan, *sent.destination)));
    }
    for (const OutputColumn& output : statement.outputs.columns) {
      for (const ColumnIndex column : output.readable) CHECK(column < plan.columns.size());
    }
  }
}

void check_mutations(const std::vector<std::string>& texts, const Binding& binding, const SessionNames& names) {
  std::mt19937 random(20261124);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  for (int round = 0; round < 4000; ++round) {
    std::vector<std::string> parts = words(texts[below(texts.size())]);
    const std::vector<std::string> other = words(texts[below(texts.size())]);
    for (std::size_t change = 1 + below(3); change > 0 && !parts.empty(); --change) {
      const std::size_t at = below(parts.size());
      const auto place = parts.begin() + static_cast<std::ptrdiff_t>(at);
      switch (below(4)) {
        case 0:
          parts.erase(place);
          break;
        case 1:
          parts[at] = other[below(other.size())];
          break;
        case 2:
          parts.insert(place, other[below(other.size())]);
          break;
        case 3:
          std::swap(parts[at], parts[below(parts.size())]);
          break;
      }
    }
    std::string text;
    for (const std::string& part : parts) text += part;
    INFO(text);
    check_sound(text, binding, names);
  }
}

const std::vector<std::string> mysql_seeds = {
    "insert into msg (tenant, body, Email) values ('t', 'secret', 'a@b'), ('u', ?, NULL) on duplicate key update body "
    "= "
    "VALUES(body), title = 'z'",
    "insert ignore into `app`.msg set tenant = 't', body = ifnull(?, 'secret'), raw = x'414243', meta = '{}'",
    "replace into note (tenant, body) select 't', 'secret' as b union all select ?, if(1 = 1, 'other', ?)",
    "update msg m join note n on n.email = m.email set m.body = 'secret', n.body = ? where m.tenant = 't' and n.tenant "
    "= 'u'",
    "delete m from msg m, other o where o.msg_id = m.id and m.email in ('secret', ?) order by id limit 3",
    "select distinct count(distinct email) + 5, email = 'secret', title from msg group by email having count(*) > 3",
    "with w as (select body, email e from msg) select json_object('a', body), w.e from w where w.e <=> 'secret'",
    "select body, title into @v from msg_v where content is null limit 1; set @app_tenant = 't', names utf8mb4",
    "prepare p from 'select body from msg'; execute p using @a; deallocate prepare p",
    "alter table msg modify email varchar(500) not null, add key k (email), change title head text",
    "/*!50000 select */ `msg`.* from `app`.`msg` where match(body) against ('secret') # end\n or email = "
    "_utf8mb4'secret'",
};

}  // namespace

TEST_CASE("plans of mutated statements are sound") { check_mutations(seeds, world(), SessionNames()); }

TEST_CASE("plans of mutated MySQL statements are sound") {
  for (const Binding* binding : {&mysql_world(), &mariadb_world()}) {
    check_mutations(mysql_seeds, *binding, mysql_names(*binding));
  }
}
