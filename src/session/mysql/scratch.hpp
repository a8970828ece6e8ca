// Memory that one call after another uses, of whichever session: an idle session keeps none of it. What is in it holds
// until the call that wrote it returns.
#pragma once

#include "sealrow/sql/template.hpp"
#include "sealrow/wire/mysql/commands.hpp"
#include "sealrow/wire/mysql/values.hpp"

#include <string>
#include <vector>

namespace sealrow::session::mysql {

struct Scratch {
  sql::Template shape;  // of the text being handled
  wire::mysql::Query query;
  wire::mysql::Execute execute;
  std::vector<wire::mysql::Cell> cells;
  std::vector<wire::mysql::ColumnType> types;
  std::string opened;                                      // values of a row, one behind the other
  std::vector<std::pair<std::size_t, std::size_t>> spans;  // per cell: where in `opened`; size npos: as it came
};
// Of this thread: a session is driven by one thread at a time, and no call of a session runs inside another's.
[[nodiscard]] inline Scratch& scratch() {
  thread_local Scratch mine;
  return mine;
}

}  // namespace sealrow::session::mysql
