// A blocking libpq connection of Sealrow's own, and its results, with errors as values.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/catalog/reader.hpp"

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::catalog {

struct PqDeleter {
  void operator()(PGconn* p) const noexcept { PQfinish(p); }
  void operator()(PGresult* p) const noexcept { PQclear(p); }
};

// Rows of one query, text format.
class Rows {
 public:
  explicit Rows(PGresult* result) : result_(result) {}
  [[nodiscard]] bool ok() const noexcept {
    const ExecStatusType status = PQresultStatus(result_.get());
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
  }
  [[nodiscard]] int count() const noexcept { return PQntuples(result_.get()); }
  [[nodiscard]] int columns() const noexcept { return PQnfields(result_.get()); }
  [[nodiscard]] std::string_view text(int row, int column) const noexcept {
    return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
  }
  [[nodiscard]] bool is_true(int row, int column) const noexcept { return text(row, column) == "t"; }
  // 0 where the text is no number of that type.
  template <class Number>
  [[nodiscard]] Number number(int row, int column) const noexcept;

 private:
  std::unique_ptr<PGresult, PqDeleter> result_;
};

class Control {
 public:
  [[nodiscard]] static Result<Control> open(const PostgresControl& options, const std::string& database);
  // One statement.
  [[nodiscard]] Result<Rows> query(const char* sql, const std::vector<std::string>& parameters = {});
  [[nodiscard]] Result<> execute(const char* sql);
  [[nodiscard]] int server_version() const noexcept { return PQserverVersion(connection_.get()); }
  [[nodiscard]] std::string parameter(const char* name) const;

 private:
  explicit Control(PGconn* connection) : connection_(connection) {}
  [[nodiscard]] Error failure() const;
  std::unique_ptr<PGconn, PqDeleter> connection_;
};

}  // namespace sealrow::catalog
