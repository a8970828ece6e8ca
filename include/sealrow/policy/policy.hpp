// The immutable policy. Loaded from YAML by policy/loader.hpp; shared by shared_ptr<const Policy>; replaced as a whole
// on reload. Knows names and rules only: no keys, no I/O, no catalog.
#pragma once

#include "sealrow/base/ids.hpp"
#include "sealrow/crypto/envelope.hpp"
#include "sealrow/crypto/sealer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace sealrow::policy {

enum class Search : std::uint8_t { none, equality };

struct Normalization {  // applied before the equality tag is made, never to the stored value
  bool trim = false;
  bool lower = false;  // default Unicode case folding (so "ß" equals "ss"), locale-free
  bool nfc = false;
};

// A value type other than the column's physical type: the column is bytea or text, the application sees this.
enum class LogicalType : std::uint8_t {
  physical,
  boolean,
  int2,
  int4,
  int8,
  float4,
  float8,
  numeric,
  date,
  time,
  timestamp,
  timestamptz,
  uuid,
};

struct SealedColumn {
  std::string name;        // as in the database
  ColumnId id;             // stable; default: the first name
  DomainId domain;         // key domain
  std::string class_name;  // "confidential", "pii", …
  LogicalType type = LogicalType::physical;
  crypto::Suite suite = crypto::Suite::xaes_256_gcm_commit;
  crypto::Compression compression = crypto::Compression::off;
  Search search = Search::none;
  Normalization normalize;
  std::string index_group;  // label of equality tags; default: table id + '.' + column id
};

// Where a statement's tenant comes from. First hit wins; two that disagree deny.
struct ConstantTenant {
  TenantId tenant;
};  // `single`
struct SessionTenant {
  std::string setting;
};  // GUC name, lower case ("app.tenant_id")
struct UserTenant {
  std::string pattern;
};  // regex with one group; must match the whole user name
struct ColumnTenant {
  std::string column;
};  // value in the same row or an equality predicate
using TenantSource = std::variant<ConstantTenant, SessionTenant, UserTenant, ColumnTenant>;

// What the pattern's group captures from the name of the database user; nothing if it does not match.
[[nodiscard]] std::optional<std::string> tenant_of_user(const UserTenant& source, std::string_view user);

struct ProtectedTable {
  std::string schema;  // never empty
  std::string name;
  TableId id;  // stable; default: schema.name
  std::vector<SealedColumn> columns;
  std::vector<TenantSource> tenant;  // in order; taken from the policy's default when the table names none
  [[nodiscard]] const SealedColumn* find(std::string_view column) const noexcept;
};

struct FunctionAllowance {
  std::string schema, name;
};  // may be called although its body is not understood

struct Policy {
  std::uint64_t generation = 0;  // unique per load in this process
  std::vector<ProtectedTable> tables;
  std::vector<FunctionAllowance> allowed_functions;
  bool allow_do_blocks = false;            // DO blocks that mention a protected table or build SQL
  bool allow_replication = false;          // replication connections pass (rows are envelopes)
  bool allow_missing_tables = false;       // may come into force before its tables exist
  std::size_t max_value_size = 64u << 20;  // plaintext bytes of one sealed value

  [[nodiscard]] bool empty() const noexcept { return tables.empty(); }
  [[nodiscard]] const ProtectedTable* find(std::string_view schema, std::string_view name) const noexcept;
  // Any protected table of that bare name, whatever its schema (conservative checks).
  [[nodiscard]] bool names_table(std::string_view name) const noexcept;
};

}  // namespace sealrow::policy
