#include "copy.hpp"
#include "sealrow/base/secret.hpp"

namespace sealrow::session {

using Cut = CopyFormat::Cut;

namespace {
Error malformed() { return Error{ErrorCode::copy_malformed, "a row of the data is malformed"}; }
Error too_short() { return Error{ErrorCode::copy_malformed, "a row of the data ends before a field that is needed"}; }
Error too_large() { return Error{ErrorCode::value_too_large, "a row of the data exceeds the limit"}; }

void wipe_fields(std::vector<CopyField>& fields) {
  for (auto& field : fields) {
    if (field.value) wipe(*field.value);
  }
}
}  // namespace

// ---- rows of a stream
// ------------------------------------------------------------------------------------------------

Outcome CopyRows::walk(std::string_view data, bool last, KeyGather& keys, std::string& out,
                       const std::function<void(std::string_view)>& on_row) {
  const std::size_t kept = rest_.size(), written = out.size();
  auto snapshot = format_->clone();
  rest_ += data;
  std::size_t at = 0;
  while (at < rest_.size() && !ended_) {
    const auto left = std::string_view(rest_).substr(at);
    std::size_t size = 0;
    const Cut cut = format_->cut(left, last, size);
    if (cut == Cut::malformed) keys.fail(malformed());
    if (cut == Cut::malformed || cut == Cut::more) break;
    if (cut == Cut::row)
      on_row(left.substr(0, size));
    else
      out += left.substr(0, size);
    if (keys.outcome() == Outcome::failed) break;
    format_->taken();
    ended_ = cut == Cut::end;
    at += size;
  }
  if (keys.outcome() == Outcome::done && !ended_ && rest_.size() - at > max_row_) keys.fail(too_large());
  if (keys.outcome() == Outcome::done) {
    rest_.erase(0, ended_ ? rest_.size() : at);
  } else {
    out.resize(written);
    wipe(rest_.data() + kept, rest_.size() - kept);
    rest_.resize(kept);
    format_ = std::move(snapshot);
    ended_ = false;
  }
  return keys.outcome();
}

// ---- in -----------------------------------------------------------------------------------------------------------

CopyIn::CopyIn(std::shared_ptr<const plan::Plan> plan, const plan::CopyPlan& copy, std::unique_ptr<CopyFormat> format,
               NamedTenants named, std::size_t max_row)
    : plan_(std::move(plan)), copy_(copy), named_(std::move(named)), rows_(std::move(format), max_row) {}

Outcome CopyIn::feed(std::string_view data, KeyGather& keys, crypto::Sealer& sealer, TenantResolver& tenants,
                     std::string& out) {
  return run(data, false, keys, sealer, tenants, out);
}

Outcome CopyIn::finish(KeyGather& keys, crypto::Sealer& sealer, TenantResolver& tenants, std::string& out) {
  return run({}, true, keys, sealer, tenants, out);
}

// Rows are sealed all or none: when a key is missing the same data comes again.
Outcome CopyIn::run(std::string_view data, bool last, KeyGather& keys, crypto::Sealer& sealer, TenantResolver& tenants,
                    std::string& out) {
  // What follows the end mark is ignored by the server, and therefore not sent.
  if (rows_.ended()) return Outcome::done;
  const auto row = [&](std::string_view part) {
    auto sealed = seal_row(part, keys, sealer, tenants, out);
    if (sealed.has_error()) keys.fail(sealed.error());
  };
  return rows_.walk(data, last, keys, out, row);
}

Result<TenantId> CopyIn::tenant_of(plan::TenantIndex rule, const std::vector<CopyField>& fields,
                                   TenantResolver& tenants) const {
  const auto& table = *plan_->tenants.at(rule).table;
  std::vector<TenantId> named;
  if (rule < named_.size()) named = named_[rule];
  if (rule < copy_.tenant_fields.size() && copy_.tenant_fields[rule]) {
    const std::size_t field = *copy_.tenant_fields[rule];
    if (field >= fields.size()) return too_short();
    const auto& value = fields[field].value;
    if (!value) return null_tenant(table);
    const auto text = rows_.format().tenant_text(rule, *value);
    if (!text) return Error{ErrorCode::tenant_invalid, "the row's tenant cannot be read as text"};
    SEALROW_TRY(TenantId tenant, canonical_tenant(*text));
    named.push_back(std::move(tenant));
  }
  return tenants.for_write(table, named);
}

Result<bool> CopyIn::seal_row(std::string_view row, KeyGather& keys, crypto::Sealer& sealer, TenantResolver& tenants,
                              std::string& out) {
  if (!rows_.format().fields(row, fields_) || !rows_.format().fits(fields_.size(), copy_.fields.size()))
    return malformed();
  std::size_t at = 0;
  std::string sealed;
  for (std::size_t i = 0; i < copy_.fields.size(); ++i) {
    const auto& destination = copy_.fields[i];
    if (destination && i >= fields_.size()) return too_short();
    if (!destination || !fields_[i].value) continue;
    SEALROW_TRY(const TenantId tenant, tenant_of(destination->tenant, fields_, tenants));
    sealed.clear();
    const Format format = rows_.format().value_format(plan_->columns.at(destination->column).storage);
    (void)seal_value(keys, sealer, {plan_.get(), *destination, &tenant, format, 0, rows_.format().zero_byte()},
                     *fields_[i].value, sealed);
    out += row.substr(at, fields_[i].begin - at);
    rows_.format().append_field(out, i, sealed);
    at = fields_[i].end;
  }
  out += row.substr(at);
  wipe_fields(fields_);
  return true;
}

// ---- out ------------------------------------------------------------------------------------------------------------

CopyOut::CopyOut(std::shared_ptr<const plan::Plan> plan, const plan::CopyPlan& copy, std::unique_ptr<CopyFormat> format,
                 std::size_t max_row)
    : plan_(std::move(plan)), copy_(copy), rows_(std::move(format), max_row) {}

Outcome CopyOut::feed(std::string_view data, KeyGather& keys, crypto::Sealer& sealer, const ReadGate& gate,
                      std::string& out) {
  const auto row = [&](std::string_view part) {
    auto opened = open_row(part, keys, sealer, gate, out);
    if (opened.has_error()) keys.fail(opened.error());
  };
  return rows_.walk(data, false, keys, out, row);
}

Result<bool> CopyOut::open_row(std::string_view row, KeyGather& keys, crypto::Sealer& sealer, const ReadGate& gate,
                               std::string& out) {
  if (!rows_.format().fields(row, fields_) || fields_.size() != copy_.outputs.size()) return malformed();
  CellOpener opener(keys, sealer, gate);
  std::size_t at = 0;
  std::string opened;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const auto& column = copy_.outputs[i];
    if (column.readable.empty() || !fields_[i].value) continue;
    const auto& first = plan_->columns.at(column.readable[0]);
    const Oid type = column.direct ? first.physical_type : 0;
    const Format format = rows_.format().value_format(first.storage);
    const OpenContext context{plan_.get(), column.readable, column.places.get(), column.direct, format, type};
    opened.clear();
    if (opener.open(context, *fields_[i].value, opened) != Cell::opened) continue;
    out += row.substr(at, fields_[i].begin - at);
    rows_.format().append_field(out, i, opened);
    at = fields_[i].end;
    wipe(opened);
  }
  out += row.substr(at);
  return true;
}

}  // namespace sealrow::session
