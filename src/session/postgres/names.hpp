// How names resolve in this session and what its settings are; asked of the server at safe points, because neither can
// be followed from statement texts alone.
#pragma once

#include "session/settings.hpp"

#include "sealrow/plan/planner.hpp"
#include "sealrow/wire/postgres/messages.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sealrow::session::postgres {

class Names {
 public:
  Names(std::string user, std::string database);

  [[nodiscard]] SettingsTracker& settings() noexcept { return settings_; }
  // Settings that hold tenants; a change makes everything stale.
  void follow(const policy::Policy& policy);
  [[nodiscard]] bool stale() const noexcept { return settings_.stale(); }
  // The question, one row of text.
  [[nodiscard]] std::string question() const;
  // False: not an answer to the question.
  bool answer(const std::vector<wire::postgres::Cell>& row);
  void parameter_status(std::string_view name, std::string_view value);

  // For planning now. While stale, unqualified names are not known.
  [[nodiscard]] const plan::SessionNames& now();
  [[nodiscard]] const std::string& key();
  [[nodiscard]] const std::string& session_user() const noexcept { return user_; }

 private:
  [[nodiscard]] sql::postgres::LexerOptions& lexer() { return std::get<sql::postgres::LexerOptions>(names_.lexer); }

  SettingsTracker settings_;
  plan::SessionNames names_;
  std::string key_;
  bool key_is_current_ = false;
  std::string user_;
  std::vector<std::string> tenant_settings_;
  std::uint64_t policy_generation_ = 0;
  bool asked_before_ = false;
};

}  // namespace sealrow::session::postgres
