// Values of the client that stay as they are, in statements whose rows are opened. An envelope among them would come
// back opened: the client would have made a decryption oracle of what it stole elsewhere.
#pragma once

#include "statement_text.hpp"

#include "values.hpp"

#include "sealrow/keys/key_service.hpp"

#include <string_view>

namespace sealrow::session {

// Rows of the statement may be opened.
[[nodiscard]] bool opens(const plan::StatementPlan& body);

class ClearValues {
 public:
  ClearValues(keys::KeyService& keys, crypto::Sealer& sealer) : keys_(keys), sealer_(sealer) {}
  [[nodiscard]] Result<> check(Format format, Oid type, std::string_view value);
  [[nodiscard]] Result<> check_literals(const StatementText& statement);

 private:
  keys::KeyService& keys_;
  crypto::Sealer& sealer_;
};

}  // namespace sealrow::session
