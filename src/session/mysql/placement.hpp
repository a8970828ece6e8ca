// Where a client's parameters stand in the statement that was sent.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/plan/plan.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace sealrow::session::mysql {

[[nodiscard]] inline Error misfit() {
  return Error{ErrorCode::protocol_violation, "Incorrect arguments to mysqld_stmt_execute"};
}

// visit(client's index, index that is sent, destination) for each parameter that is sent; a value with two destinations
// is sent twice. Every parameter of the statement is there exactly once.
template <class Visit>
[[nodiscard]] Result<> each_sent(const plan::StatementPlan& body, std::size_t count, Visit visit) {
  const std::size_t total = count + body.added_parameters;
  if (body.parameters.size() > count || total > 65535) return misfit();
  std::vector<bool> placed(total, false);
  for (std::size_t i = 0; i < count; ++i) {
    const plan::ParameterPlan::Sent plain{static_cast<std::uint32_t>(i + 1), std::nullopt, 0};
    const bool planned = i < body.parameters.size() && !body.parameters[i].sent.empty();
    const std::size_t copies = planned ? body.parameters[i].sent.size() : 1;
    for (std::size_t j = 0; j < copies; ++j) {
      const auto& one = planned ? body.parameters[i].sent[j] : plain;
      if (one.sent_as == 0 || one.sent_as > total || placed[one.sent_as - 1]) return misfit();
      placed[one.sent_as - 1] = true;
      SEALROW_CHECK(visit(i, one.sent_as - 1, one.destination));
    }
  }
  if (std::ranges::find(placed, false) != placed.end()) return misfit();
  return {};
}

}  // namespace sealrow::session::mysql
