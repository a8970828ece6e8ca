// ProtectedTraffic: COM_STMT_BULK_EXECUTE (MariaDB), one statement with many rows of parameters (facts: M13).
#include "protected_traffic.hpp"

namespace sealrow::session::mysql {

wire::Progress ProtectedTraffic::on_bulk(const Look& look) {
  const auto id = wire::mysql::statement_of(look.frame.body);
  if (!id) return broken("malformed COM_STMT_BULK_EXECUTE");
  auto prepared = prepared_of(*id);
  if (!prepared) {
    return refuse(Error{ErrorCode::protocol_violation, "Unknown prepared statement handler"}, unknown_statement);
  }
  if (const auto stopped = check_prepared(prepared.get())) return *stopped;
  // Not offered under a policy: nobody sends it unasked.
  if (prepared->body) return refuse(Error{ErrorCode::protocol_unsupported, "bulk execution on a protected table"});
  forward_command(Command::stmt_bulk_execute, look, nullptr);
  return Progress::taken;
}

}  // namespace sealrow::session::mysql
