// LOAD DATA LOCAL: which field of a file is sealed for which column, and whose rows they are.
#include "mysql_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sealrow;
using namespace sealrow::plan;
using namespace sealrow::plan::test;

namespace {

// "seal body, -, … | tenant field n", or the refusal.
std::string loaded(const std::string& how, const Binding& binding = mysql_world(),
                   Protocol protocol = Protocol::simple) {
  const std::string text = "load data " + how;
  const SessionNames names = mysql_names(binding);
  sql::Template shape;
  sql::make_template(text, names.lexer, shape);
  const auto plan = make_plan(binding, names, {text, &shape, protocol, nullptr}).plan;
  if (plan->verdict == Verdict::refuse) return "refuse " + std::string(title(plan->refusal.code));
  if (plan->verdict == Verdict::pass || !plan->statements[0].copy) return "pass";
  const CopyPlan& copy = *plan->statements[0].copy;
  CHECK(copy.format == CopyPlan::Format::lines);
  std::string out;
  std::optional<TenantIndex> rule;
  for (const auto& field : copy.fields) {
    out += out.empty() ? "" : ",";
    out += field ? plan->columns.at(field->column).column->name : "-";
    if (field) rule = field->tenant;
  }
  REQUIRE(rule);
  if (const auto field = copy.tenant_fields.at(*rule)) out += " | tenant " + std::to_string(*field);
  for (const auto& input : plan->tenants.at(*rule).inputs)
    out += " | tenant L" + std::to_string(std::get<LiteralRef>(input).index);
  return out;
}

std::string refused(ErrorCode code) { return "refuse " + std::string(title(code)); }

}  // namespace

TEST_CASE("LOAD DATA: fields and their columns") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"local infile 'f' into table msg (id, tenant, body)", "-,-,body | tenant 1"},
      {"local infile 'f' into table msg (body)", "body"},
      {"local infile 'f' into table app.msg (EMAIL, @skipped, Body)", "email,-,body"},
      {"local infile 'f' replace into table msg (tenant, body)", "-,body | tenant 0"},
      {"local infile 'f' into table msg (@t, body) set tenant = @T", "-,body | tenant 0"},
      {"local infile 'f' into table msg (body) set tenant = 't1'", "body | tenant L1"},
      {"local infile 'f' into table msg (body) set title = upper('x'), created = now()", "body"},
      {"local infile 'f' into table msg character set binary", "-,-,body,email,meta,raw,-,- | tenant 1"},
      {"local infile 'f' into table msg (id)", "pass"},
      {"local infile 'f' into table s2.msg", "pass"},
  };
  for (const auto& [how, expected] : cases) {
    INFO(how);
    CHECK(loaded(how) == expected);
  }
  // The tag's column is invisible.
  CHECK(loaded("local infile 'f' into table msg", mariadb_world()) == "-,-,body,email,meta,raw,-,- | tenant 1");
}

TEST_CASE("LOAD DATA: what is refused") {
  using enum ErrorCode;
  const std::vector<std::pair<std::string, ErrorCode>> cases = {
      {"infile 'f' into table msg (tenant, body)", file_copy},
      {"local infile 'f' into table msg_v (tenant, content)", statement_not_understood},
      {"local infile 'f' into table msg (nothing)", name_unresolved},
      {"local infile 'f' into table msg (@b) set body = @b", expression_not_sealable},
      {"local infile 'f' into table msg (body) set title = body", sealed_operand},
      {"local infile 'f' into table msg (body) set tenant = upper('t')", tenant_missing},
      {"local infile 'f' into table msg (tenant, body) set tenant = 't'", tenant_conflict},
      {"local infile 'f' into table msg (tenant, tenant, body)", tenant_conflict},
      {"local infile 'f' into table note (tenant, email)", clear_to_sealed},
      {"local infile 'f' into table msg character set latin1 (body)", client_encoding},
      {"local infile 'f' into table msg (raw)", statement_not_understood},
      {"local infile 'f' into table msg character set utf8mb4 (raw)", statement_not_understood},
      {"local infile 'f' into table msg character set binary fields escaped by '' (raw)", statement_not_understood},
  };
  for (const auto& [how, code] : cases) {
    INFO(how);
    CHECK(loaded(how) == refused(code));
  }
  CHECK(loaded("local infile 'f' into table msg (raw)", mariadb_world()) == "raw");
  CHECK(loaded("local infile 'f' into table msg (body)", mysql_world(), Protocol::extended) ==
        refused(statement_not_understood));
}

TEST_CASE("LOAD DATA: formats that do not tell fields apart are refused") {
  const auto with = [](const std::string& format) {
    return loaded("local infile 'f' into table msg " + format + " (body)");
  };
  for (const std::string& format : std::vector<std::string>{
           "fields terminated by ''", "fields terminated by '' enclosed by ''", "lines terminated by ''",
           "fields terminated by 'x'", "fields terminated by '-'", "fields terminated by '.'",
           "lines terminated by '0'", "fields terminated by ',' lines terminated by ','", "fields terminated by '\\\\'",
           "fields terminated by ',' enclosed by ','", "fields enclosed by '\\n'", "fields escaped by 'n'",
           "fields terminated by '§'", "lines starting by 'é'", "fields enclosed by '\"\"'"}) {
    INFO(format);
    CHECK(with(format) == refused(ErrorCode::statement_not_understood));
  }
  for (const std::string& format : std::vector<std::string>{
           "fields terminated by ',' enclosed by '\"' escaped by '\"' lines terminated by '\\r\\n'",
           "fields terminated by '||' escaped by ''", "lines starting by 'xxx' terminated by ';\\n'",
           "fields terminated by 0x09 optionally enclosed by 0x27 ignore 3 lines"}) {
    INFO(format);
    CHECK(with(format) == "body");
  }
}
