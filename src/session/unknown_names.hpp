// Relations and functions that a session names and the catalog snapshot lacks. Another session may have made them since
// the snapshot was read – a view over a protected table, a function that writes to it – so the catalog is read again,
// but not for every statement that names a temporary table or something that is not there.
#pragma once

#include "sealrow/base/clock.hpp"
#include "sealrow/plan/plan.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace sealrow::session {

class UnknownNames {
 public:
  // A definition of this session's own has run.
  void made(const plan::CatalogEffect& effect);
  // Reading the catalog may tell more: a name that this session did not make and did not ask for within a second. In a
  // transaction what it made itself cannot be read from outside. Of a plain table of its own it needs to know the
  // columns only for statements that also use something protected.
  [[nodiscard]] bool worth_reading(const std::vector<std::string>& names, Instant now, bool in_transaction,
                                   bool needs_columns);
  // The catalog was read and still lacks them.
  void still_unknown(const std::vector<std::string>& names, Instant now);
  // One of them leads to a protected table by a definition that the catalog does not show.
  [[nodiscard]] bool lead_to_protected(const std::vector<std::string>& names) const;

 private:
  struct Memory {
    std::unordered_map<std::string, Instant> asked;
    std::unordered_set<std::string> temporary, uncommitted, plain;
    std::unordered_set<std::string> leading;  // bare names
    bool all_lead = false;                    // more of them than are kept
  };
  Memory& memory();

  std::unique_ptr<Memory> memory_;  // most sessions name nothing unknown
};

}  // namespace sealrow::session
