// Is what was sent to the server under one plan right under another, too?
#pragma once

#include "sealrow/plan/plan.hpp"

namespace sealrow::session {

[[nodiscard]] bool same_plan(const plan::Plan& a, const plan::Plan& b);

}  // namespace sealrow::session
