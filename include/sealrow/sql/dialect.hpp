// The one set of calls for whoever handles texts of either dialect: which front end reads them, and under which
// options.
#pragma once

#include "sealrow/sql/mysql.hpp"
#include "sealrow/sql/postgres.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace sealrow::sql {

using Dialect = std::variant<postgres::LexerOptions, mysql::LexerOptions>;

[[nodiscard]] inline bool is_mysql(const Dialect& dialect) noexcept {  // MariaDB too
  return std::holds_alternative<mysql::LexerOptions>(dialect);
}
[[nodiscard]] inline bool is_mariadb(const Dialect& dialect) noexcept {
  const auto* options = std::get_if<mysql::LexerOptions>(&dialect);
  return options && options->flavour == mysql::Flavour::mariadb;
}

// Each is the function of the same name in sql/postgres.hpp or sql/mysql.hpp.
[[nodiscard]] Result<Parsed> parse(std::string_view text, const Dialect& dialect);
void make_template(std::string_view text, const Dialect& dialect, Template& out);
[[nodiscard]] Result<std::string> literal_value(std::string_view text, const Literal& literal, const Dialect& dialect);
void append_string_literal(std::string& out, std::string_view value, const Dialect& dialect);
void append_identifier(std::string& out, std::string_view name, const Dialect& dialect);
[[nodiscard]] WordScan scan_words(std::string_view text, const Dialect& dialect);

// Lower case where names of the kind fold in the dialect, as the AST has them. PostgreSQL's catalog has them as they
// are.
void fold_column_name(std::string& name, const Dialect& dialect);    // and of functions
void fold_relation_name(std::string& name, const Dialect& dialect);  // and of schemas

// Every option that decides how a text reads, for keys of caches.
void append_key(std::string& out, const Dialect& dialect);

}  // namespace sealrow::sql
