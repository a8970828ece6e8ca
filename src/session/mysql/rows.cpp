// ProtectedTraffic: rows that may hold envelopes.
#include "protected_traffic.hpp"
#include "scratch.hpp"

#include "sealrow/base/secret.hpp"
#include "sealrow/wire/mysql/charset.hpp"

namespace sealrow::session::mysql {

using wire::mysql::Cell;
using wire::mysql::ColumnType;

namespace {

constexpr std::size_t unchanged = std::string::npos;

// Bytes may be an envelope in its binary spelling; whatever else comes as characters.
bool is_bytes(const ResultColumn& column) noexcept {
  if (column.charset != wire::mysql::binary_charset) return false;
  switch (column.type) {
    case ColumnType::varchar:
    case ColumnType::var_string:
    case ColumnType::string:
    case ColumnType::tiny_blob:
    case ColumnType::medium_blob:
    case ColumnType::long_blob:
    case ColumnType::blob:
      return true;
    default:
      return false;
  }
}

// Numbers and temporals of the binary protocol are no text: nothing can stand in them.
bool holds_text(const ResultColumn& column) noexcept {
  return wire::mysql::shape_of(column.type).kind == wire::mysql::Shape::Kind::prefixed &&
         column.type != ColumnType::date && column.type != ColumnType::time && column.type != ColumnType::datetime &&
         column.type != ColumnType::timestamp;
}

bool read_cells(const Run& run, ByteView body, std::vector<Cell>& cells, std::vector<ColumnType>& types) {
  if (!run.binary) return wire::mysql::read_text_row(body, run.columns.size(), cells);
  types.clear();
  for (const auto& column : run.columns) types.push_back(column.type);
  return wire::mysql::read_binary_row(body, types, cells);
}

}  // namespace

const TextStatement* ProtectedTraffic::text_statement(const plan::StatementPlan& body) const {
  for (const auto& effect : body.effects) {
    const auto* execute = std::get_if<plan::ExecuteEffect>(&effect);
    if (execute == nullptr) continue;
    const auto it = text_statements_.find(text_statement_key(execute->name));
    return it == text_statements_.end() ? nullptr : &it->second;
  }
  return nullptr;
}

ReadView ProtectedTraffic::view() {
  const auto* body = run_ ? run_->current() : nullptr;
  if (body == nullptr) return {};
  if (const auto* text = text_statement(*body))
    return {text->plan.get(), &text->body->outputs, nullptr, &run_->granted};
  return {run_->plan.get(), &body->outputs, &run_->named, &run_->granted};
}

// Opened values stand one behind the other in the scratch; false: keys are missing, or see the gather.
Result<bool> ProtectedTraffic::open_cells(const ReadView& view, KeyGather& keys) {
  auto& mine = scratch();
  if (!view.fits(mine.cells.size())) {
    catalog_stale_ = true;
    return shape_changed();
  }
  const std::uint64_t settings = names_.settings().version();
  const ReadGate gate = [&](const policy::ProtectedTable& table, const TenantId& owner) {
    return may_read(view, *tenants_, settings, table, owner);
  };
  CellOpener opener(keys, environment_.sealer(), gate);
  mine.spans.assign(mine.cells.size(), {0, unchanged});
  bool changed = false;
  for (std::size_t i = 0; i < mine.cells.size(); ++i) {
    const auto* column = view.at(i, mine.cells.size());
    if (!mine.cells[i] || column == nullptr || column->readable.empty() || !holds_text(run_->columns[i])) continue;
    const bool bytes = is_bytes(run_->columns[i]);
    const OpenContext context{view.plan,
                              column->readable,
                              column->places.get(),
                              column->direct,
                              bytes ? Format::binary : Format::text,
                              bytes ? Oid{0} : oid::text};
    const std::size_t at = mine.opened.size();
    if (opener.open(context, *mine.cells[i], mine.opened) == session::Cell::opened) {
      mine.spans[i] = {at, mine.opened.size() - at};
      changed = true;
    } else {
      mine.opened.resize(at);
    }
  }
  return changed;
}

void ProtectedTraffic::write_row() {
  auto& mine = scratch();
  for (std::size_t i = 0; i < mine.cells.size(); ++i) {
    const auto [at, size] = mine.spans[i];
    if (size != unchanged) mine.cells[i] = std::string_view(mine.opened).substr(at, size);
  }
  auto& to = port_->to(Leg::client);
  if (run_->binary)
    append_binary_row(to.owned(), to_client_, mine.types, mine.cells);
  else
    append_text_row(to.owned(), to_client_, mine.cells);
  to.commit_owned();
}

wire::Progress ProtectedTraffic::on_row(const Look& look) {
  const ReadView rows = view();
  if (!rows.any()) {
    pass_on(look);
    return Progress::taken;
  }
  auto& mine = scratch();
  if (!read_cells(*run_, look.frame.body, mine.cells, mine.types)) return broken("malformed row from the server");
  KeyGather keys(environment_.keys());
  mine.opened.clear();
  const auto changed = open_cells(rows, keys);
  Progress progress = Progress::taken;
  if (changed.has_error()) {
    fail_current(changed.error());
  } else if (keys.outcome() == Outcome::failed) {
    fail_current(keys.error());
  } else if (keys.outcome() == Outcome::pending) {
    if (auto waiting = waits_.ask_for_keys(*port_, keys, Leg::server))
      progress = Progress::again;
    else
      fail_current(waiting.error());
  } else {
    waits_.have_keys(Leg::server);
    if (*changed)
      write_row();
    else
      pass_on(look);
  }
  wipe(mine.opened);
  return progress;
}

}  // namespace sealrow::session::mysql
