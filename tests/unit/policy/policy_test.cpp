#include "support.hpp"

#include <algorithm>

using namespace sealrow;
using namespace sealrow::policy;
using namespace sealrow::policy::test;

TEST_CASE("the smallest policies") {
  CHECK(must_load("version: 1\n")->empty());
  const auto policy =
      must_load("version: 1\ntenant: {single: acme}\ntables:\n- {table: public.t, columns: {a: confidential}}\n");
  REQUIRE(policy->tables.size() == 1);
  const ProtectedTable& table = policy->tables[0];
  CHECK(table.id.value() == "public.t");
  REQUIRE(table.tenant.size() == 1);
  CHECK(std::get<ConstantTenant>(table.tenant[0]).tenant.value() == "acme");
  REQUIRE(table.columns.size() == 1);
  const SealedColumn& column = table.columns[0];
  CHECK(column.id.value() == "a");
  CHECK(column.domain.value() == "general");
  CHECK(column.class_name == "confidential");
  CHECK(column.suite == crypto::Suite::xaes_256_gcm_commit);
  CHECK(column.compression == crypto::Compression::automatic);
  CHECK(column.search == Search::none);
  CHECK(column.type == LogicalType::physical);
  CHECK(column.index_group == "public.t.a");
  CHECK(policy->max_value_size == 64u << 20);
  CHECK_FALSE(policy->allow_do_blocks);
  CHECK_FALSE(policy->allow_replication);
  CHECK_FALSE(policy->allow_missing_tables);
}

TEST_CASE("the shipped example says what its comments say") {
  const LoadOutcome outcome = load_file(source_path("config/policy.example.yaml"));
  INFO(all(outcome.errors));
  REQUIRE(outcome.policy);
  const Policy& policy = *outcome.policy;
  CHECK(policy.tables.size() == 4);
  const ProtectedTable* messages = policy.find("public", "messages");
  REQUIRE(messages);
  CHECK(messages->id.value() == "messages");
  REQUIRE(messages->tenant.size() == 2);
  CHECK(std::get<ColumnTenant>(messages->tenant[0]).column == "tenant_id");
  CHECK(std::get<SessionTenant>(messages->tenant[1]).setting == "app.tenant_id");
  const SealedColumn* email = policy.find("public", "users")->find("email");
  REQUIRE(email);
  CHECK(email->search == Search::equality);
  CHECK((email->normalize.trim && email->normalize.lower && email->normalize.nfc));
  CHECK(email->domain.value() == "pii");
  CHECK(email->compression == crypto::Compression::off);
  const SealedColumn* score = policy.find("public", "assessments")->find("score");
  REQUIRE(score);
  CHECK(score->type == LogicalType::int4);
  CHECK(score->domain.value() == "health");
  CHECK(score->compression == crypto::Compression::off);
  CHECK(policy.find("public", "LiteLLM_SpendLogs"));
  REQUIRE(policy.allowed_functions.size() == 1);
  CHECK(policy.allowed_functions[0].name == "add_audit");
}

TEST_CASE("names are matched exactly") {
  const auto policy = must_load(
      "version: 1\ntenant: {single: a}\ntables:\n"
      "- {table: 'a.\"T\"\"x.y\"', columns: {userId: pii}}\n- {table: b.t, columns: {c: pii}}\n- {table: c.t, columns: "
      "{d: pii}}\n");
  REQUIRE(policy->find("a", "T\"x.y"));
  CHECK(policy->find("a", "T\"x.y")->find("userId"));
  CHECK_FALSE(policy->find("a", "T\"x.y")->find("userid"));
  CHECK_FALSE(policy->find("a", "t"));
  CHECK(policy->find("b", "t")->find("c"));
  CHECK_FALSE(policy->find("b", "t")->find("d"));
  CHECK(policy->names_table("t"));
  CHECK_FALSE(policy->names_table("T"));
}

TEST_CASE("classes give defaults and columns override them") {
  const auto policy = must_load(
      "version: 1\ntenant: {single: a}\n"
      "classes: {pii: {compress: auto}, card: {domain: financial, suite: xaes-256-gcm}, plain: {encryption: none}}\n"
      "tables:\n- table: public.t\n  columns:\n"
      "    a: pii\n    b: card\n    c: {class: card, domain: cards, suite: aes-256-siv}\n    d: plain\n    e: "
      "internal\n"
      "    f: {class: pii, type: boolean, search: equality, acknowledge_leakage: frequency}\n");
  const ProtectedTable* table = policy->find("public", "t");
  REQUIRE(table);
  CHECK(table->columns.size() == 4);
  CHECK(table->find("a")->compression == crypto::Compression::automatic);
  CHECK(table->find("a")->domain.value() == "pii");
  CHECK(table->find("b")->domain.value() == "financial");
  CHECK(table->find("b")->suite == crypto::Suite::xaes_256_gcm);
  CHECK(table->find("c")->domain.value() == "cards");
  CHECK(table->find("c")->suite == crypto::Suite::aes_256_siv);
  CHECK(table->find("c")->compression == crypto::Compression::off);
  CHECK_FALSE(table->find("d"));
  CHECK_FALSE(table->find("e"));
  CHECK(table->find("f")->type == LogicalType::boolean);
}

TEST_CASE("columns of one index group share their label") {
  const auto policy = must_load(
      "version: 1\ntenant: {single: a}\ntables:\n"
      "- {table: public.users, columns: {email: {class: pii, search: equality, index_group: email}}}\n"
      "- {table: public.leads, columns: {mail: {class: pii, search: equality, index_group: email}}}\n");
  CHECK(policy->find("public", "users")->find("email")->index_group == "email");
  CHECK(policy->find("public", "leads")->find("mail")->index_group == "email");
}

TEST_CASE("session settings are compared in lower case") {
  const auto policy =
      must_load("version: 1\ntables:\n- {table: a.t, tenant: {session: App.Tenant_ID}, columns: {c: pii}}\n");
  CHECK(std::get<SessionTenant>(policy->tables[0].tenant[0]).setting == "app.tenant_id");
  const auto variable =
      must_load("version: 1\ntables:\n- {table: a.t, tenant: {session: '@App_Tenant'}, columns: {c: pii}}\n");
  CHECK(std::get<SessionTenant>(variable->tables[0].tenant[0]).setting == "@app_tenant");
}

TEST_CASE("the tenant of a database user is what the group captures") {
  const UserTenant source{"app_([a-z0-9]+)"};
  CHECK(tenant_of_user(source, "app_acme7") == "acme7");
  CHECK_FALSE(tenant_of_user(source, "xapp_acme"));
  CHECK_FALSE(tenant_of_user(source, "app_"));
  CHECK_FALSE(tenant_of_user(source, "app_acme-x"));
  CHECK_FALSE(tenant_of_user(source, "app_" + std::string(100'000, 'a')));
  CHECK_FALSE(tenant_of_user(UserTenant{"(.*)"}, ""));
}

TEST_CASE("every load has a generation of its own") {
  const auto first = must_load("version: 1\n"), second = must_load("version: 1\n");
  CHECK(first->generation != 0);
  CHECK(second->generation > first->generation);
}

TEST_CASE("a diff names what changed, and nothing if nothing did") {
  const std::string before =
      "version: 1\ntenant: {single: a}\ntables:\n- {table: public.t, id: t, columns: {a: pii, b: confidential}}\n"
      "- {table: public.old, columns: {x: pii}}\n";
  const std::string after =
      "version: 1\ntenant: [{session: app.t}, {single: a}]\ntables:\n"
      "- {table: public.t, id: t, columns: {a: {class: pii, search: equality, normalize: [lower, trim]}, c: secret}}\n"
      "allow: {do_blocks: true, missing_tables: true, functions: [public.f]}\n";
  CHECK(diff(*must_load(before), *must_load(before)).empty());
  CHECK(diff(*must_load(before), *must_load(after)) ==
        std::vector<std::string>{
            "- column public.old.x: class pii, compress off, domain pii, id x, index_group public.old.x, normalize "
            "none, search none, "
            "suite xaes-256-gcm-commit, type physical",
            "~ column public.t.a: normalize none → trim+lower",
            "~ column public.t.a: search none → equality",
            "- column public.t.b: class confidential, compress auto, domain general, id b, index_group t.b, normalize "
            "none, search none, "
            "suite xaes-256-gcm-commit, type physical",
            "~ settings: allow.do_blocks false → true",
            "~ settings: allow.missing_tables false → true",
            "- table public.old: id public.old, tenant single a",
            "~ table public.t: tenant single a → session app.t, then single a",
            "+ allowed function public.f",
            "+ column public.t.c: class secret, compress off, domain secret, id c, index_group t.c, normalize none, "
            "search none, "
            "suite xaes-256-gcm-commit, type physical",
        });
}
