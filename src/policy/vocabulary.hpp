// The words of the policy file: its keys and its choices. config/policy.schema.json repeats them for editors; a test
// holds the two together.
#pragma once

#include "policy/yaml/fields.hpp"
#include "sealrow/policy/policy.hpp"

#include <string_view>

namespace sealrow::policy::vocabulary {

using std::string_view;
using yaml::Choice;
using yaml::Keys;

inline constexpr string_view file_known[] = {"version", "classes", "tenant", "tables", "allow", "limits"};
inline constexpr string_view file_later[] = {"mode", "default_class", "detectors", "posture", "roles", "mask", "audit"};
inline constexpr Keys file{"the policy", file_known, file_later};

inline constexpr string_view class_known[] = {"encryption", "domain", "compress", "suite"};
inline constexpr string_view class_later[] = {"key_isolation", "posture", "detectors", "audit", "row_bound"};
inline constexpr Keys class_keys{"a class", class_known, class_later};

inline constexpr string_view tenant_known[] = {"column", "session", "user", "single"};
inline constexpr string_view tenant_later[] = {"parent", "database", "schema", "certificate", "comment", "derive"};
inline constexpr Keys tenant{"a tenant source", tenant_known, tenant_later};

inline constexpr string_view table_known[] = {"table", "id", "tenant", "columns"};
inline constexpr string_view table_later[] = {"mode", "posture", "roles", "migrating"};
inline constexpr Keys table{"a table", table_known, table_later};

inline constexpr string_view column_known[] = {"class",  "id",        "domain", "suite",       "compress",
                                               "search", "normalize", "type",   "index_group", "acknowledge_leakage"};
inline constexpr string_view column_later[] = {"paths", "leaves", "row_bound", "on_failure", "mask", "migrating"};
inline constexpr Keys column{"a column", column_known, column_later};

inline constexpr string_view allow_known[] = {"functions", "do_blocks", "replication", "missing_tables"};
inline constexpr Keys allow{"allow", allow_known};

inline constexpr string_view limits_known[] = {"max_value_size"};
inline constexpr Keys limits{"limits", limits_known};

enum class Encryption : std::uint8_t { none, required };
inline constexpr Choice<Encryption> encryptions[] = {{"none", Encryption::none}, {"required", Encryption::required}};
inline constexpr string_view encryptions_later[] = {"recommended"};

inline constexpr Choice<crypto::Suite> suites[] = {
    {"xaes-256-gcm-commit", crypto::Suite::xaes_256_gcm_commit},
    {"xaes-256-gcm", crypto::Suite::xaes_256_gcm},
    {"chacha20-poly1305", crypto::Suite::chacha20_poly1305},
    {"aes-256-siv", crypto::Suite::aes_256_siv},
};
// Safe only while nobody seals more than 2^32 values under one key: that count has to outlive the process.
inline constexpr string_view suites_later[] = {"aes-256-gcm"};

inline constexpr Choice<crypto::Compression> compressions[] = {{"auto", crypto::Compression::automatic},
                                                               {"off", crypto::Compression::off}};

inline constexpr Choice<Search> searches[] = {{"none", Search::none}, {"equality", Search::equality}};
inline constexpr string_view searches_later[] = {"prefix", "token", "range"};

inline constexpr Choice<bool Normalization::*> normalizations[] = {
    {"trim", &Normalization::trim}, {"lower", &Normalization::lower}, {"nfc", &Normalization::nfc}};

inline constexpr Choice<LogicalType> types[] = {
    {"boolean", LogicalType::boolean},
    {"int2", LogicalType::int2},
    {"int4", LogicalType::int4},
    {"int8", LogicalType::int8},
    {"float4", LogicalType::float4},
    {"float8", LogicalType::float8},
    {"numeric", LogicalType::numeric},
    {"date", LogicalType::date},
    {"time", LogicalType::time},
    {"timestamp", LogicalType::timestamp},
    {"timestamptz", LogicalType::timestamptz},
    {"uuid", LogicalType::uuid},
};
inline constexpr string_view types_later[] = {"interval", "inet", "enum", "array"};

enum class Leakage : std::uint8_t { nothing, frequency };
inline constexpr Choice<Leakage> leakages[] = {{"frequency", Leakage::frequency}};

}  // namespace sealrow::policy::vocabulary
