// A small database and policy, and a way to read plans: one line of text per plan.
#pragma once

#include "sealrow/plan/planner.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::plan::test {

// public.msg(id, tenant, body, email, meta, doc, raw, num, created): body text, email varchar(255) with equality tag,
// meta jsonb, doc json, raw bytea with equality tag, num bytea shown as int4.
// public.note(id, tenant, body, email): body text, email text with a tag of email's group.
// public.other, s2.msg, view msg_v, view of view msg_vv, partition msg_p1, function add_msg, table hooked whose trigger
// writes to msg.
struct World {
  std::shared_ptr<policy::Policy> policy;
  std::shared_ptr<catalog::Snapshot> catalog;
  [[nodiscard]] std::shared_ptr<const Binding> bind() const { return Binding::make(policy, catalog); }
};

// Tenant by column and session setting; `column_only`: by column alone.
[[nodiscard]] World make_world(bool column_only = false);
[[nodiscard]] const Binding& world();
[[nodiscard]] const Binding& column_world();

[[nodiscard]] PlanOutcome plan(std::string_view text, const Binding& binding, const SessionNames& names = {},
                               Protocol protocol = Protocol::simple, const std::vector<Oid>& types = {});

// "pass", "refuse <code>" or the edited text with <seal body @L0> for literals, followed by
// " | $2=seal body @$1" per parameter that does not pass and " => -,body,meta*" for outputs ('*': not the value
// itself).
[[nodiscard]] std::string shown(std::string_view text, const Binding& binding = world(), const SessionNames& names = {},
                                const std::vector<Oid>& types = {});
[[nodiscard]] Error refusal(std::string_view text, const Binding& binding = world());

catalog::Relation& add_relation(World& world, Oid oid, std::string schema, std::string name,
                                std::vector<std::pair<std::string, Oid>> columns);

}  // namespace sealrow::plan::test
