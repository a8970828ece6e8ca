// A statement that the server keeps, and that is run again under whatever is true then.
#pragma once

#include "session_names.hpp"
#include "statement_text.hpp"

#include "sealrow/session/environment.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sealrow::session {

struct KeptStatement {
  std::shared_ptr<const plan::Plan> plan;
  std::shared_ptr<const plan::StatementPlan> body;  // null: pass, nothing to be done for it
  std::string text;                                 // as the client wrote it, to plan it anew
  plan::Protocol protocol = plan::Protocol::extended;
  std::vector<Oid> client_types;
  std::shared_ptr<const plan::Binding> binding;  // under which it was planned
  std::string names_key;
  Literals literals;     // values of literals that name tenants or settings
  SealedFor sealed_for;  // tenants of the literals that were sealed when it was prepared
};

// A statement was planned under some catalog, policy and way of resolving names; the server itself resolves again when
// they change, so the plan must hold for what is true now. ErrorCode::statement_not_understood: it does not.
[[nodiscard]] Result<> revalidate(KeptStatement& statement, Environment& environment, const std::string& database,
                                  SessionNames& names);

}  // namespace sealrow::session
