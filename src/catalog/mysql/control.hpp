// A blocking connection of Sealrow's own to a MySQL or MariaDB server, and its results, with errors as values.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/catalog/reader.hpp"

#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sql {
class Connection;  // mysql-connector-c++
}

namespace sealrow::catalog::mysql {

// Rows of one query as text; a NULL is an empty text.
class Rows {
 public:
  explicit Rows(std::size_t columns) : columns_(columns) {}
  void add(std::string cell) { cells_.push_back(std::move(cell)); }
  [[nodiscard]] std::size_t count() const noexcept { return cells_.size() / columns_; }
  [[nodiscard]] const std::string& text(std::size_t row, std::size_t column) const {
    return cells_[row * columns_ + column];
  }
  // 0 where the text is no number of that type.
  template <class Number>
  [[nodiscard]] Number number(std::size_t row, std::size_t column) const {
    const std::string& digits = text(row, column);
    Number value{};
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }
  friend bool operator==(const Rows&, const Rows&) = default;

 private:
  std::size_t columns_;
  std::vector<std::string> cells_;
};

class Control {
 public:
  [[nodiscard]] static Result<Control> open(const MysqlControl& options);
  Control(Control&&) noexcept;
  Control& operator=(Control&&) noexcept;
  ~Control();
  [[nodiscard]] Result<Rows> query(const char* sql);

 private:
  explicit Control(std::unique_ptr<::sql::Connection> connection);
  std::unique_ptr<::sql::Connection> connection_;
};

}  // namespace sealrow::catalog::mysql
