// ProtectedTraffic: COM_STMT_BULK_EXECUTE (MariaDB), one statement with many rows of parameters (facts: M13). Every row
// has its own tenant.
#include "protected_traffic.hpp"

#include "placement.hpp"

#include <algorithm>

namespace sealrow::session::mysql {

using wire::mysql::BulkCell;
using wire::mysql::Indicator;
using wire::mysql::Parameter;
using Destination = std::optional<plan::Destination>;
namespace bulk_flag = wire::mysql::bulk_flag;

wire::Progress ProtectedTraffic::on_bulk(const Look& look) {
  const auto id = wire::mysql::statement_of(look.frame.body);
  if (!id) return broken("malformed COM_STMT_BULK_EXECUTE");
  auto prepared = prepared_of(*id);
  if (!prepared) return refuse_unknown(*id);
  if (const auto stopped = check_prepared(prepared.get())) return *stopped;
  if (prepared->body) return run_bulk(look, std::move(prepared));
  forward_command(Command::stmt_bulk_execute, look, nullptr);
  return Progress::taken;
}

wire::Progress ProtectedTraffic::run_bulk(const Look& look, std::shared_ptr<Prepared> prepared) {
  wire::mysql::BulkExecute bulk;
  if (!read(look.frame.body, prepared->placeholders, bulk)) return refuse(misfit());
  if ((bulk.flags & bulk_flag::send_types) == 0) bulk.types = prepared->types;
  if (bulk.types.size() != prepared->placeholders) return refuse(misfit());
  auto run = std::make_shared<Run>();
  run->kind = Run::Kind::execute;
  run->plan = prepared->plan;
  run->body = prepared->body;
  run->binary = true;
  run->literals = prepared->literals;
  KeyGather keys(environment_.keys());
  const auto types = bulk.types;
  const auto written = write_bulk(*prepared, bulk, *run, keys);
  if (const auto stopped = unfinished(written, keys)) return *stopped;
  if (auto fits = check_size(*written); !fits) return refuse(fits.error());
  prepared->types = types;
  send_command(Command::stmt_bulk_execute, *written, std::move(run));
  return Progress::taken;
}

Result<std::string> ProtectedTraffic::write_bulk(const Prepared& prepared, wire::mysql::BulkExecute& bulk, Run& run,
                                                 KeyGather& keys) {
  wire::mysql::BulkExecute head;
  head.statement = prepared.id;
  head.flags = bulk.flags | bulk_flag::send_types;
  head.types.resize(prepared.placeholders + prepared.body->added_parameters);
  SEALROW_CHECK(each_sent(*prepared.body, prepared.placeholders,
                          [&](std::size_t i, std::size_t at, const Destination& destination) -> Result<> {
                            head.types[at] = destination ? sealed_type(prepared.plan->columns.at(destination->column))
                                                         : bulk.types[i];
                            return {};
                          }));
  std::string packets;
  wire::mysql::Sequence sequence;
  {
    wire::mysql::Packet packet(packets, sequence);
    wire::mysql::write_bulk_head(packet, head);
    wire::mysql::BulkRows rows(bulk.rows, bulk.types);
    std::vector<BulkCell> row;
    while (rows.next(row)) SEALROW_CHECK(write_bulk_row(prepared, bulk, row, run, keys, packet.out()));
    if (!rows.ok()) return misfit();
  }
  return packets;
}

Result<> ProtectedTraffic::write_bulk_row(const Prepared& prepared, const wire::mysql::BulkExecute& bulk,
                                          const std::vector<BulkCell>& row, Run& run, KeyGather& keys,
                                          std::string& packets) {
  if (row.size() != prepared.placeholders) return misfit();
  std::vector<Parameter> parameters(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    parameters[i].type = bulk.types[i];
    if (row[i].indicator == Indicator::none) parameters[i].value = row[i].value;
  }
  NamedTenants named;
  SEALROW_CHECK(name_tenants(prepared, parameters, named));
  SEALROW_CHECK(check_sealed_for(*prepared.plan, prepared.sealed_for, named, *tenants_));
  std::vector<std::pair<wire::mysql::ColumnType, BulkCell>> cells(row.size() + prepared.body->added_parameters);
  std::deque<std::string> made;
  SEALROW_CHECK(each_sent(
      *prepared.body, row.size(), [&](std::size_t i, std::size_t at, const Destination& destination) -> Result<> {
        const bool keyword = row[i].indicator == Indicator::use_default || row[i].indicator == Indicator::ignore;
        if (keyword && destination) {
          return Error{ErrorCode::expression_not_sealable,
                       "DEFAULT and IGNORE of a bulk execution are not the client's to seal",
                       {},
                       {},
                       prepared.plan->columns.at(destination->column).display};
        }
        SEALROW_TRY(const Parameter placed, place_one(prepared, named, parameters[i], destination, keys, made));
        cells[at] = {placed.type.type, row[i]};
        if (placed.value) cells[at].second.value = *placed.value;
        if (destination) cells[at].first = sealed_type(prepared.plan->columns.at(destination->column)).type;
        return {};
      }));
  for (const auto& [type, cell] : cells) wire::mysql::append_bulk_cell(packets, type, cell);
  run.named.resize(named.size());
  for (std::size_t i = 0; i < named.size(); ++i) {
    for (auto& tenant : named[i]) {
      if (std::ranges::find(run.named[i], tenant) == run.named[i].end()) run.named[i].push_back(std::move(tenant));
    }
  }
  return {};
}

}  // namespace sealrow::session::mysql
