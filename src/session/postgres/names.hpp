// What PostgreSQL is asked for, and what it says by itself.
#pragma once

#include "session/session_names.hpp"

#include "sealrow/wire/postgres/messages.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sealrow::session::postgres {

class Names final : public SessionNames {
 public:
  Names(std::string user, std::string database);

  // The question, one row of text.
  [[nodiscard]] std::string question() const;
  // False: not an answer to the question.
  bool answer(const std::vector<wire::postgres::Cell>& row);
  void parameter_status(std::string_view name, std::string_view value);

  [[nodiscard]] const std::string& session_user() const noexcept { return user_; }

 private:
  [[nodiscard]] sql::postgres::LexerOptions& lexer() { return std::get<sql::postgres::LexerOptions>(change().lexer); }

  std::string user_;
  bool asked_before_ = false;
};

}  // namespace sealrow::session::postgres
