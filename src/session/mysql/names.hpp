// What a MySQL or MariaDB server is asked for, and what it says by itself.
#pragma once

#include "session/session_names.hpp"
#include "traffic.hpp"

#include "sealrow/wire/mysql/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::session::mysql {

class Names final : public SessionNames {
 public:
  explicit Names(const Agreed& agreed);

  // The question, one row of text in ASCII whatever character set results have.
  [[nodiscard]] std::string question() const;
  [[nodiscard]] std::size_t columns() const noexcept;
  // False: not an answer to the question.
  bool answer(const std::vector<wire::mysql::Cell>& row);

  // A confirmed statement or the server says so. `value` none: it is not set any more.
  void set(const std::string& name, const std::optional<std::string>& value);
  void use_database(std::string_view database);
  // The server reports that a system variable has changed.
  void saw_variable(std::string_view name);
  // Status of an OK or EOF: it shows some of the sql_mode (facts: MY-22).
  void saw_status(std::uint16_t status);
  // Statement texts can be taken apart: no byte below 0x80 is part of another character.
  [[nodiscard]] bool texts_are_readable() const noexcept { return readable_; }
  // LOAD DATA reads files as UTF-8 or bytes unless it says otherwise. None: not asked since the database was chosen.
  [[nodiscard]] std::optional<bool> files_are_utf8() const noexcept { return files_are_utf8_; }
  // The largest command that the server takes; it ends the connection on a larger one.
  [[nodiscard]] std::uint64_t max_packet() const noexcept { return max_packet_; }

 private:
  [[nodiscard]] sql::mysql::LexerOptions& lexer() { return std::get<sql::mysql::LexerOptions>(change().lexer); }
  void read_charsets(std::string_view client, std::string_view connection,
                     const std::optional<std::string_view>& results);
  bool read_modes(std::string_view modes);
  void read_version(std::string_view version);

  bool readable_ = true;
  bool no_backslash_escapes_ = false, ansi_quotes_ = false;  // as asked last
  bool is_mariadb_ = false;
  std::optional<bool> files_are_utf8_;
  std::uint64_t max_packet_ = ~std::uint64_t{0};
};

}  // namespace sealrow::session::mysql
