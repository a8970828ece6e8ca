// Rows that travel as a stream, under a plan: COPY of PostgreSQL in both directions, LOAD DATA LOCAL of MySQL. Rows are
// cut out of arbitrary chunks, protected fields sealed or opened, everything else kept byte for byte.
#pragma once

#include "keys.hpp"
#include "open.hpp"
#include "seal.hpp"
#include "statement_text.hpp"
#include "tenant.hpp"

#include "sealrow/crypto/sealer.hpp"
#include "sealrow/plan/plan.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::session {

struct CopyField {
  std::size_t begin = 0, end = 0;    // as written in the row
  std::optional<std::string> value;  // decoded; none is NULL
};

// Cuts a stream into rows. `rest` keeps an unfinished row.
class CopyFormat {
 public:
  virtual ~CopyFormat() = default;
  // A snapshot, to go back to when a chunk must be offered again.
  [[nodiscard]] virtual std::unique_ptr<CopyFormat> clone() const = 0;
  enum class Cut : std::uint8_t { row, header, end, more, malformed };
  // Looks at the front of `data`; `size` is what belongs to the row (or header, or end mark). `last`: nothing follows.
  virtual Cut cut(std::string_view data, bool last, std::size_t& size) = 0;
  // The cut row was used: the next one is looked for behind it.
  virtual void taken() {}
  // Fields of a row that cut() found.
  virtual bool fields(std::string_view row, std::vector<CopyField>& out) = 0;
  // One field's spelling for the stream.
  virtual void append_field(std::string& out, std::size_t index, const std::optional<std::string>& value) = 0;
  // In what spelling a column of that storage is in a field.
  [[nodiscard]] virtual Format value_format(plan::Storage) const noexcept { return Format::text; }
  [[nodiscard]] virtual ZeroByte zero_byte() const noexcept { return ZeroByte::refused; }
  // A field that names the row's tenant, as text. None: it cannot be read as text.
  [[nodiscard]] virtual std::optional<std::string> tenant_text(plan::TenantIndex, const std::string& value) const {
    return value;
  }
  // May a row have so many fields where the plan has `planned`? What it lacks the server takes for the default.
  [[nodiscard]] virtual bool fits(std::size_t found, std::size_t planned) const noexcept { return found == planned; }
};

// The rows of one direction's stream, with what is left of an unfinished one.
class CopyRows {
 public:
  CopyRows(std::unique_ptr<CopyFormat> format, std::size_t max_row) : format_(std::move(format)), max_row_(max_row) {}
  // Hands whole rows to `on_row`, which appends to `out`; everything else is appended as it is. Unless the outcome is
  // done, nothing of `data` was taken and nothing appended.
  Outcome walk(std::string_view data, bool last, KeyGather& keys, std::string& out,
               const std::function<void(std::string_view)>& on_row);
  [[nodiscard]] CopyFormat& format() const noexcept { return *format_; }
  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  std::unique_ptr<CopyFormat> format_;
  std::size_t max_row_;
  std::string rest_;
  bool ended_ = false;  // behind the end mark
};

class CopyIn {
 public:
  // `named`: tenants that the statement itself names.
  CopyIn(std::shared_ptr<const plan::Plan> plan, const plan::CopyPlan& copy, std::unique_ptr<CopyFormat> format,
         NamedTenants named, std::size_t max_row);
  // Appends what may go to the server. pending: nothing of `data` was taken, offer it again.
  Outcome feed(std::string_view data, KeyGather& keys, crypto::Sealer& sealer, TenantResolver& tenants,
               std::string& out);
  // CopyDone: a last line without its newline.
  Outcome finish(KeyGather& keys, crypto::Sealer& sealer, TenantResolver& tenants, std::string& out);

 private:
  Outcome run(std::string_view data, bool last, KeyGather& keys, crypto::Sealer& sealer, TenantResolver& tenants,
              std::string& out);
  Result<bool> seal_row(std::string_view row, KeyGather& keys, crypto::Sealer& sealer, TenantResolver& tenants,
                        std::string& out);
  Result<TenantId> tenant_of(plan::TenantIndex rule, const std::vector<CopyField>& fields,
                             TenantResolver& tenants) const;

  std::shared_ptr<const plan::Plan> plan_;
  const plan::CopyPlan& copy_;
  NamedTenants named_;
  CopyRows rows_;
  std::vector<CopyField> fields_;
};

class CopyOut {
 public:
  CopyOut(std::shared_ptr<const plan::Plan> plan, const plan::CopyPlan& copy, std::unique_ptr<CopyFormat> format,
          std::size_t max_row);
  Outcome feed(std::string_view data, KeyGather& keys, crypto::Sealer& sealer, const ReadGate& gate, std::string& out);

 private:
  Result<bool> open_row(std::string_view row, KeyGather& keys, crypto::Sealer& sealer, const ReadGate& gate,
                        std::string& out);

  std::shared_ptr<const plan::Plan> plan_;
  const plan::CopyPlan& copy_;
  CopyRows rows_;
  std::vector<CopyField> fields_;
};

}  // namespace sealrow::session
