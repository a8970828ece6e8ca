// From a cell of a result to what the client may see. Envelopes are recognised by themselves, wherever they stand: as
// the whole value, as strings of a JSON document, as elements of arrays and composites, in text and binary format.
#pragma once

#include "keys.hpp"
#include "values.hpp"

#include "sealrow/crypto/sealer.hpp"
#include "sealrow/plan/plan.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sealrow::session {

// May the value of `owner`, stored in a column of `table`, be shown?
using ReadGate = std::function<Result<>(const policy::ProtectedTable& table, const TenantId& owner)>;

struct OpenContext {
  const plan::Plan* plan = nullptr;
  std::span<const plan::ColumnIndex> readable;
  const plan::Places* places = nullptr;  // where in the cell; null: anywhere
  bool direct = false;                   // the cell is a protected column's own value: it must be sealed
  Format format = Format::text;
  Oid type = 0;  // as the server says, 0: unknown
};

enum class Cell : std::uint8_t { unchanged, opened, failed };  // failed: see the gather

class CellOpener {
 public:
  CellOpener(KeyGather& keys, crypto::Sealer& sealer, const ReadGate& gate)
      : keys_(keys), sealer_(sealer), gate_(gate) {}
  // Appends the client's spelling to `out` if the outcome is `opened`.
  Cell open(const OpenContext& context, std::string_view cell, std::string& out);
  // Would a value of the client be an envelope, or hold one, once the server has read it as whatever type? Nothing is
  // opened and nothing asked for.
  [[nodiscard]] bool finds(Format format, Oid type, std::string_view cell);

 private:
  // An opened value at the end of a buffer, in its canonical form.
  struct Opened {
    std::size_t at = 0;
    crypto::ValueType value = crypto::ValueType::text;
    policy::LogicalType type = policy::LogicalType::physical;
  };
  struct Envelope {
    const crypto::Header& header;
    std::string_view bytes;
  };
  enum class Place : std::uint8_t { text, json };
  using Places = plan::Places;

  Cell open_text(std::string_view text, Place place, const Places* where, std::string& out, int depth);
  Cell open_bytea_text(std::string_view text, Place place, std::string& out);
  Cell open_binary(Oid type, std::string_view bytes, const Places* where, std::string& out, int depth);
  Cell open_unknown_binary(std::string_view bytes, const Places* where, std::string& out, int depth);
  Cell open_json(std::string_view text, const Places* where, std::string& out, int depth, bool& is_json);
  Cell open_array(std::string_view text, const Places* where, std::string& out, int depth, bool& is_array);
  Cell open_record(std::string_view text, const Places* where, std::string& out, int depth, bool& is_record);
  Cell open_binary_array(std::string_view bytes, const Places* where, std::string& out, int depth, bool& is_array);
  Cell open_binary_record(std::string_view bytes, const Places* where, std::string& out, int depth, bool& is_record);
  Cell open_composed(std::string_view text, const Places* where, std::string& out, int depth);
  Cell leftover(std::string_view text);
  [[nodiscard]] bool worth_reading(std::string_view text) const noexcept;
  void look_for_front(std::string_view text);
  // These open an envelope at the end of `out` and turn it into the client's spelling.
  Cell open_as_text(const Envelope& envelope, Place place, ByteaOutput bytea, std::string& out);
  Cell open_as_binary(const Envelope& envelope, std::string& out);
  std::optional<Opened> open_envelope(const Envelope& envelope, std::string& out);
  std::optional<Opened> try_column(const plan::BoundColumn& column, const crypto::EnvelopeKey& key,
                                   const Envelope& envelope, std::string& out);
  Cell shown(const Result<>& outcome);
  Cell fail(ErrorCode code, const char* message);

  KeyGather& keys_;
  crypto::Sealer& sealer_;
  const ReadGate& gate_;
  const OpenContext* context_ = nullptr;
  bool only_looks_ = false, found_ = false;
  std::string envelope_;  // decoded from its text spelling; the same memory for all cells of a row
};

// The places at a position (one per dimension or level) of a container.
[[nodiscard]] const plan::Places* places_along(const plan::Places* where, std::span<const std::uint32_t> path);

// Cheap: false means that no envelope of any spelling stands in the cell.
[[nodiscard]] bool may_hold_envelope(std::string_view cell) noexcept;

}  // namespace sealrow::session
