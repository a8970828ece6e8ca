// The one result type. Errors are values on the data path; exceptions only at start-up and at third-party walls.
#pragma once

#include "sealrow/base/error_codes.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace sealrow {

// A refusal or failure as the user sees it. No field may ever hold a value, a key or a part of a statement
// that could carry one: names, positions and reasons only.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;                       // one sentence, lower case, no full stop
  std::string detail = {};                   // the reason
  std::string hint = {};                     // the way out
  std::string object = {};                   // "schema.table.column", "file:line:column" or empty
  std::optional<std::uint32_t> offset = {};  // byte offset in the statement, if the error is about one
};

template <class T = void>
using Result = boost::system::result<T, Error>;

// Thrown where exceptions are allowed (start-up, command line).
class Exception : public std::runtime_error {
 public:
  explicit Exception(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

// Found by ADL from Result<T>::value() on an error.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw Exception(error);
}

// "SR-E401: message (detail) [object]" plus the hint on a line of its own.
[[nodiscard]] std::string to_string(const Error& error);

// Returns early with the error of `expr`; otherwise binds its value.
#define SEALROW_CONCAT_(a, b) a##b
#define SEALROW_CONCAT(a, b) SEALROW_CONCAT_(a, b)
#define SEALROW_TRY(target, expr)                                                                           \
  auto SEALROW_CONCAT(try_, __LINE__) = (expr);                                                             \
  if (SEALROW_CONCAT(try_, __LINE__).has_error()) return std::move(SEALROW_CONCAT(try_, __LINE__)).error(); \
  target = std::move(*SEALROW_CONCAT(try_, __LINE__))
#define SEALROW_CHECK(expr)                                                                     \
  if (auto SEALROW_CONCAT(try_, __LINE__) = (expr); SEALROW_CONCAT(try_, __LINE__).has_error()) \
  return std::move(SEALROW_CONCAT(try_, __LINE__)).error()

}  // namespace sealrow
