// What is to be done with a statement: decided once per template, applied to every instance by the session room.
// Immutable, shared by shared_ptr<const Plan>. Knows no bytes on the wire and no keys.
#pragma once

#include "sealrow/base/ids.hpp"
#include "sealrow/base/result.hpp"
#include "sealrow/policy/policy.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sealrow::plan {

// Physical spelling of a protected column.
enum class Storage : std::uint8_t { text, varchar, json, jsonb, bytea };

// A protected column bound to the catalog.
struct BoundColumn {
  const policy::ProtectedTable* table = nullptr;  // owned by Plan::policy
  const policy::SealedColumn* column = nullptr;
  Storage storage = Storage::text;
  std::uint32_t max_characters = 0;  // varchar(n): n, 0 = unlimited
  Oid physical_type = 25;
  Oid logical_type = 25;  // what the application sees
  std::string display;    // "schema.table.column" for errors
};
using ColumnIndex = std::uint16_t;  // into Plan::columns

// Where a value's tenant is written in the statement, per row.
struct LiteralRef {
  std::uint32_t index;
};  // Parsed/Template literal
struct ParameterRef {
  std::uint32_t number;
};  // $n
using InputRef = std::variant<LiteralRef, ParameterRef>;

// The tenant of a set of inputs. The session resolves it: every listed input plus the table's session-side sources
// must agree. `inputs` empty: only the session-side sources count.
struct TenantRule {
  const policy::ProtectedTable* table = nullptr;
  std::vector<InputRef> inputs;
};
using TenantIndex = std::uint16_t;  // into Plan::tenants

enum class Purpose : std::uint8_t {
  seal,              // the value becomes an envelope
  search_tag,        // the value becomes the column's equality tag (text spelling 24 chars, or 18 bytes for bytea)
  search_tag_array,  // a one-dimensional array of values becomes an array of tags (= ANY($1))
};

struct Destination {
  Purpose purpose = Purpose::seal;
  ColumnIndex column = 0;
  TenantIndex tenant = 0;
  bool json_as_text = false;  // the input is text that is cast to json/jsonb in the statement
};

// Edits of the statement text. Positions are offsets in the TEMPLATE text (Template::text) resp. literal indexes,
// sorted. negative: a sign stands before the number. It belongs to the value; an edit of its own takes it out of the
// text.
struct ReplaceLiteral {
  std::uint32_t literal;
  Destination destination;
  bool negative = false;
};
// begin == end: insertion. With a destination, `text` is a value that the template spells out (true, false).
struct ReplaceText {
  std::uint32_t begin, end;
  std::string text;
  std::optional<Destination> destination = {};
};
using Edit = std::variant<ReplaceLiteral, ReplaceText>;
[[nodiscard]] const Destination* destination_of(const Edit& edit) noexcept;  // null: nothing is sealed
// Order of edits: by position; a ReplaceLiteral's position is where its placeholder stands in the template.

struct ParameterPlan {
  // Where the client's parameter n goes. A value with two destinations is split: destination i > 0 is an added
  // parameter (number `sent_as`), already written into the text by the edits.
  struct Sent {
    std::uint32_t sent_as = 0;               // parameter number towards the server
    std::optional<Destination> destination;  // none: passes as it is
    Oid physical_type = 0;                   // OID for Parse when the destination needs one, 0: as the client said
  };
  std::vector<Sent> sent;
  Oid logical_type = 0;  // for ParameterDescription; 0: as the server says
};

// Where in an array, record or JSON document sealed values stand. What a clear column has put elsewhere is never
// opened, even if it looks like an envelope: who can write the clear column would have a decryption oracle.
struct Places {
  enum class Kind : std::uint8_t {
    harmless,  // neither sealed nor able to hold an envelope: numbers, NULL, values of the client (which are checked)
    clear,     // from an unsealed place: may hold anything
    sealed,    // a sealed value, or sealed values anywhere below
    list,      // every element or member is as parts[0]
    members,   // records and arrays by position, JSON objects by name
  };
  Kind kind = Kind::harmless;
  std::vector<std::string> names;  // members: in JSON objects; empty: there are no names
  std::vector<std::shared_ptr<const Places>> parts;
  bool any_clear = false, any_sealed = false;  // here or below
  std::uint32_t size = 1;                      // nodes, counted once per way that leads to them
  // What stands at a position or under a name; null: nothing that is known.
  [[nodiscard]] const Places* element(std::size_t position) const noexcept;
  [[nodiscard]] const Places* member(std::string_view name) const noexcept;
};

// One column of the result. `readable` empty: no envelope can be in it, the cell passes unread.
struct OutputColumn {
  std::vector<ColumnIndex> readable;     // envelopes of these columns may be opened here
  std::shared_ptr<const Places> places;  // null: anywhere in the cell
  bool direct = false;                   // the column's value itself, not a composition (array, JSON, record)
  Oid logical_type = 0;                  // differs from the physical type only for logical-type columns; 0: as sent
  std::int32_t logical_modifier = -1;
};

struct Outputs {
  enum class Kind : std::uint8_t { none, columns };
  Kind kind = Kind::none;
  std::vector<OutputColumn> columns;  // one entry per result column, but for those in the gap
  // A star over something that the catalog does not list stands for columns of unknown number, all of them clear:
  // they are between columns[*gap - 1] and columns[*gap].
  std::optional<std::size_t> gap;
  [[nodiscard]] bool any() const noexcept;  // something may have to be opened
  // The entry of column `position` of a result with `count` columns; null: a clear one. Asked only if fits().
  [[nodiscard]] const OutputColumn* at(std::size_t position, std::size_t count) const noexcept;
  [[nodiscard]] bool fits(std::size_t count) const noexcept;
};

// How LOAD DATA reads a file (FIELDS, LINES, IGNORE n LINES). No terminator is empty, and no two of the characters that
// decide are the same, but that `escape` may be `enclosed`.
struct LineFormat {
  std::string fields_terminated = "\t", lines_terminated = "\n", lines_starting;
  std::optional<char> enclosed, escape;
  std::uint64_t skipped = 0;  // lines at the beginning
  bool charset_said = false;  // otherwise the session's database decides how the file reads
};

struct CopyPlan {
  enum class Format : std::uint8_t { text, csv, binary, lines };
  enum class Direction : std::uint8_t { in, out };
  Direction direction = Direction::in;
  Format format = Format::text;
  char delimiter = '\t';
  std::string null_string = "\\N";
  char quote = '"', escape = '"';
  bool header = false;
  LineFormat lines;                                // Format::lines
  std::vector<std::optional<Destination>> fields;  // in: per field of the stream; tenant inputs as field numbers below
  std::vector<std::optional<std::uint32_t>> tenant_fields;  // per TenantRule: field that holds the tenant
  std::vector<OutputColumn> outputs;                        // out
  std::vector<bool> force_null, force_not_null;             // csv in, per field
  std::vector<bool> force_quote;                            // csv out, per field
};

// Session state that the statement changes when it succeeds.
struct SetSetting {
  std::string name;
  std::optional<std::string> value;
  bool local = false;
  std::optional<InputRef> input;
};  // value none: reset
struct ResetAllSettings {};
struct TransactionControl {
  enum class Kind : std::uint8_t { begin, commit, rollback, savepoint, release, rollback_to };
  Kind kind = Kind::begin;
  std::string name;
};
struct PrepareEffect {
  std::string name;
  std::shared_ptr<const struct StatementPlan> body;
};
struct NullRef {};
using ArgumentRef = std::variant<LiteralRef, ParameterRef, NullRef>;
struct ExecuteEffect {
  std::string name;
  std::vector<std::optional<ArgumentRef>> arguments;
};  // none: an expression
struct DeallocateEffect {
  std::string name;
};  // empty: all
struct DeclareEffect {
  std::string name;
  bool binary = false;
  bool hold = false;
};  // outputs: those of the statement plan
struct FetchEffect {
  std::string name;
};
struct CloseEffect {
  std::string name;
};  // empty: all
struct DiscardEffect {
  std::string what;
};
// A relation or function that a definition makes, as written ("schema.name", "name", "name()"). What leads to a
// protected table must not be used before the catalog has shown what it is: temporary ones never are in it, others not
// before the commit.
struct CreatedRelation {
  std::string name;
  bool temporary = false;
  bool leads_to_protected = false;
  bool plain = false;  // a table with nothing behind it: no need to know more of it
};
struct CatalogEffect {  // DDL
  std::vector<CreatedRelation> created;
  bool reread = true;  // plans depend on it: read the catalog again
};
struct SearchPathUnknown {};  // set by something not understood: ask the server
using Effect =
    std::variant<SetSetting, ResetAllSettings, TransactionControl, PrepareEffect, ExecuteEffect, DeallocateEffect,
                 DeclareEffect, FetchEffect, CloseEffect, DiscardEffect, CatalogEffect, SearchPathUnknown>;

// One statement of a text.
struct StatementPlan {
  Outputs outputs;
  std::vector<ParameterPlan> parameters;  // extended protocol and PREPARE; index n - 1
  std::uint32_t added_parameters = 0;
  std::optional<CopyPlan> copy;
  std::vector<Effect> effects;  // applied in order when CommandComplete arrives
};

enum class Verdict : std::uint8_t {
  pass,   // touches nothing protected and changes no tracked state: bytes go on untouched
  apply,  // apply edits, parameters, outputs, effects
  refuse,
};

struct Plan {
  Verdict verdict = Verdict::pass;
  Error refusal;  // verdict refuse
  std::vector<BoundColumn> columns;
  std::vector<TenantRule> tenants;
  // Relations that the text reads or writes, and functions ("name()") that it calls, that the catalog snapshot does not
  // know, as written: made since by another session, or by this one, or not there at all. The plan takes them for
  // unprotected.
  std::vector<std::string> unknown_relations;
  std::vector<Edit> edits;                       // over the whole text
  std::vector<StatementPlan> statements;         // one per statement of the text
  std::vector<std::string> notes;                // for `explain`: one line per decision
  std::shared_ptr<const policy::Policy> policy;  // keeps BoundColumn pointers alive
};

}  // namespace sealrow::plan
