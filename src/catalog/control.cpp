#include "catalog/control.hpp"

#include <charconv>

namespace sealrow::catalog {

template <class Number>
Number Rows::number(int row, int column) const noexcept {
  const std::string_view digits = text(row, column);
  Number value{};
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}
template std::int16_t Rows::number(int, int) const noexcept;
template std::int32_t Rows::number(int, int) const noexcept;
template Oid Rows::number(int, int) const noexcept;

Result<Control> Control::open(const PostgresControl& options, const std::string& database) {
  const std::string connect_timeout = std::to_string(options.connect_timeout_seconds);
  // The first dbname is expanded as a connection string, a later one is a plain name (libpq, PQconnectdbParams).
  const char* keywords[] = {"dbname", "dbname", "connect_timeout", "application_name", "client_encoding", nullptr};
  const char* values[] = {
      options.conninfo.c_str(), database.c_str(), connect_timeout.c_str(), "sealrow", "UTF8", nullptr};
  Control control(PQconnectdbParams(keywords, values, 1));
  if (control.connection_ == nullptr || PQstatus(control.connection_.get()) != CONNECTION_OK) return control.failure();
  SEALROW_CHECK(
      control.query("SELECT pg_catalog.set_config('statement_timeout', $1, false), "
                    "pg_catalog.set_config('lock_timeout', $1, false), "
                    "pg_catalog.set_config('search_path', '', false)",
                    {std::to_string(options.statement_timeout_ms)}));
  return control;
}

Result<Rows> Control::query(const char* sql, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  Rows rows(PQexecParams(connection_.get(), sql, static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                         nullptr, 0));
  if (!rows.ok()) return failure();
  return rows;
}

Result<> Control::execute(const char* sql) {
  SEALROW_CHECK(query(sql));
  return {};
}

std::string Control::parameter(const char* name) const {
  const char* value = PQparameterStatus(connection_.get(), name);
  return value != nullptr ? value : "";
}

Error Control::failure() const {
  std::string reason = PQerrorMessage(connection_.get());
  while (!reason.empty() && (reason.back() == '\n' || reason.back() == ' ')) reason.pop_back();
  return Error{ErrorCode::catalog_unavailable, "database catalog cannot be read", std::move(reason)};
}

}  // namespace sealrow::catalog
