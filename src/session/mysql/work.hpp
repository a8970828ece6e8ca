// What the protected traffic remembers per prepared statement, and of the command at hand.
#pragma once

#include "session/kept_statement.hpp"
#include "session/read_view.hpp"

#include "sealrow/wire/mysql/commands.hpp"
#include "sealrow/wire/mysql/constants.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sealrow::session::mysql {

// Type and charset of a result's column as the server said.
struct ResultColumn {
  wire::mysql::ColumnType type = wire::mysql::ColumnType::var_string;
  std::uint16_t charset = 0;
};

// What PREPARE … FROM has made: EXECUTE shows its rows.
struct TextStatement {
  std::shared_ptr<const plan::Plan> plan;
  std::shared_ptr<const plan::StatementPlan> body;
  std::shared_ptr<const plan::Binding> binding;  // under which it was planned
};

// The server knows them in any case.
[[nodiscard]] inline std::string text_statement_key(std::string name) {
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return name;
}

struct Prepared;

// A command, from when it is sent until its answer has ended.
struct Run {
  enum class Kind : std::uint8_t {
    plain,  // nothing is to be done with the answer
    names,  // our own question
    query,
    prepare,
    execute,
    fetch,
  };
  Kind kind = Kind::plain;
  std::shared_ptr<const plan::Plan> plan;
  std::shared_ptr<const plan::StatementPlan> body;  // of a prepared statement; a query walks through plan->statements
  std::size_t index = 0;                            // statement of a query
  std::shared_ptr<const plan::Binding> binding;     // a query was planned under
  NamedTenants named;
  Literals literals;
  std::vector<std::optional<std::string>> parameters;  // text of parameters that name settings
  ReadGrant granted;
  std::shared_ptr<Prepared> prepared;  // of a prepare: what comes to be
  std::vector<ResultColumn> columns;   // of the current result
  bool binary = false;                 // rows are
  bool failed = false;                 // the client was told of an error: the rest is discarded
  std::string database;                // COM_INIT_DB
  std::string file_text;               // LOAD DATA LOCAL: the text that names the file
  [[nodiscard]] const plan::StatementPlan* current() const noexcept {
    if (body) return body.get();
    return plan && index < plan->statements.size() ? &plan->statements[index] : nullptr;
  }
};

// Long data of one parameter, kept until the statement runs (facts: M7).
struct LongValue {
  bool sent = false;
  std::string bytes;
};

struct Prepared : KeptStatement {
  std::uint32_t id = 0;
  std::size_t placeholders = 0;                   // as the client counts
  std::vector<wire::mysql::ParameterType> types;  // of the execution before (facts: M5)
  std::vector<LongValue> long_values;
  std::optional<Error> long_error;  // no reply to long data is possible: the next execution has it
  std::shared_ptr<Run> cursor;      // the execution whose rows COM_STMT_FETCH asks for
  void forget_long_values() {
    long_values.clear();
    long_error.reset();
  }
};

}  // namespace sealrow::session::mysql
