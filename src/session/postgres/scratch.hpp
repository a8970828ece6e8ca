// Memory that one call after another uses, of whichever session: an idle session keeps none of it. What is in it holds
// until the call that wrote it returns.
#pragma once

#include "sealrow/sql/template.hpp"
#include "sealrow/wire/postgres/messages.hpp"

#include <vector>

namespace sealrow::session::postgres {

struct Scratch {
  sql::Template shape;  // of the text being handled
  wire::postgres::Bind bind;
  std::vector<wire::postgres::Cell> cells;
  std::vector<wire::postgres::Field> fields;
};
// Of this thread: a session is driven by one thread at a time, and no call of a session runs inside another's.
[[nodiscard]] inline Scratch& scratch() {
  thread_local Scratch mine;
  return mine;
}

}  // namespace sealrow::session::postgres
