#include "sealrow/base/error_codes.hpp"
#include "sealrow/base/result.hpp"

namespace sealrow {

std::string error_slug(ErrorCode code) { return "SR-E" + std::to_string(static_cast<unsigned>(code)); }

std::string_view sqlstate(ErrorCode code) {
  switch (code) {
#define SEALROW_X(number, state, name, title) \
  case ErrorCode::name:                       \
    return state;
    SEALROW_ERROR_CODES(SEALROW_X)
#undef SEALROW_X
  }
  return "XX000";
}

std::string_view title(ErrorCode code) {
  switch (code) {
#define SEALROW_X(number, state, name, text) \
  case ErrorCode::name:                      \
    return text;
    SEALROW_ERROR_CODES(SEALROW_X)
#undef SEALROW_X
  }
  return "unknown error";
}

std::string to_string(const Error& error) {
  std::string text = error_slug(error.code) + ": " + error.message;
  if (!error.detail.empty()) text += " (" + error.detail + ")";
  if (!error.object.empty()) text += " [" + error.object + "]";
  if (!error.hint.empty()) text += "\n  hint: " + error.hint;
  return text;
}

}  // namespace sealrow
