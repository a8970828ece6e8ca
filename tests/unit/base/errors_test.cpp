#include "sealrow/base/result.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace sealrow;

TEST_CASE("an error shows code, message, object and hint") {
  const Error error{ErrorCode::sealed_operand, "length() cannot work on a sealed column", "", "read the column whole",
                    "public.msg.body"};
  CHECK(to_string(error) ==
        "SR-E403: length() cannot work on a sealed column [public.msg.body]\n  hint: read the column whole");
  CHECK(sqlstate(error.code) == "0A000");
}

TEST_CASE("the try macro hands errors on and values out") {
  auto fail = []() -> Result<int> { return Error{ErrorCode::internal, "no"}; };
  auto give = []() -> Result<int> { return 7; };
  auto outer = [&](bool ok) -> Result<int> {
    SEALROW_TRY(const int value, ok ? give() : fail());
    return value + 1;
  };
  CHECK(*outer(true) == 8);
  CHECK(outer(false).error().code == ErrorCode::internal);
  CHECK_THROWS_AS(outer(false).value(), Exception);
}
