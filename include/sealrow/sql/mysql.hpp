// The MySQL and MariaDB front end: own lexer and parser (MySQL 8.4/9.x, MariaDB 10.11+) → AST. Thread-safe: no shared
// state.
//
// The text must be in a character set in which every byte below 0x80 is ASCII wherever it stands (utf8mb3, utf8mb4,
// ascii, binary; latin1 but for the byte 0xA0): the second byte of a gbk, sjis or big5 character may be a backslash or
// a quote.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/sql/ast.hpp"
#include "sealrow/sql/template.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sealrow::sql::mysql {

enum class Flavour : std::uint8_t { mysql, mariadb };

// lower_case_table_names: 0, or 1 and 2 (database, table and alias names are compared in lower case).
enum class TableNameCase : std::uint8_t { sensitive, insensitive };

// What the server's lexer and grammar depend on. IGNORE_SPACE is not here: a built-in function with a blank in front of
// its bracket is a call for us either way.
struct LexerOptions {
  bool ansi_quotes = false;  // "…" is an identifier
  bool no_backslash_escapes = false;
  bool pipes_as_concat = false;      // || concatenates; else it is OR
  bool high_not_precedence = false;  // NOT binds as !
  Flavour flavour = Flavour::mysql;
  TableNameCase table_names = TableNameCase::sensitive;
  // 80406 or 101119; 0: not known. Decides which /*!NNNNN … */ comments are code.
  std::uint32_t version = 0;
  friend bool operator==(const LexerOptions&, const LexerOptions&) = default;
};
// Takes the modes that matter from a sql_mode value ("ANSI_QUOTES,NO_BACKSLASH_ESCAPES", combination modes such as ANSI
// and ORACLE included). False: the mode changes the language in a way that is not understood (MariaDB's ORACLE and
// MSSQL, a number).
[[nodiscard]] bool apply_sql_mode(std::string_view modes, LexerOptions& options);

// Parses a whole COM_QUERY or COM_STMT_PREPARE text; several statements are separated by semicolons. An error carries
// the offset (statement_syntax). Names of columns, their aliases and functions come folded to lower case; database,
// table and alias names as `table_names` says. Compound bodies (routines, triggers, events) are kept as text; what
// follows them belongs to them.
[[nodiscard]] Result<Parsed> parse(std::string_view text, LexerOptions options = {});

// One pass, no parse; reuses `out`'s memory. Never fails: what it does not recognise makes the template exact. Adjacent
// strings ('a' 'b') and an introducer with its string (_utf8mb4'x', N'x') are one literal.
void make_template(std::string_view text, LexerOptions options, Template& out);

// Value of a literal token as the server would read it: bytes of the string (escapes and quotes undone), of a hex or
// bit literal, digits of a number. An error where an introducer names a character set that cannot be read as UTF-8.
[[nodiscard]] Result<std::string> literal_value(std::string_view text, const Literal& literal, LexerOptions options);

// A quoted string literal that means `value` under the options.
void append_string_literal(std::string& out, std::string_view value, LexerOptions options);
// `quoted` when needed, doubled backticks.
void append_identifier(std::string& out, std::string_view name);

// Words of a routine body, also of strings within.
[[nodiscard]] WordScan scan_words(std::string_view text, LexerOptions options = {});

}  // namespace sealrow::sql::mysql
