// The grammar's own key word table: a name that is one of these needs quotes somewhere.
#include "sql/postgres/lexer.hpp"

#include <algorithm>
#include <iterator>

namespace sealrow::sql::postgres {
namespace {

struct KeyWord {
  std::string_view word;
  bool reserved;
};

constexpr bool UNRESERVED_KEYWORD = false;
constexpr bool COL_NAME_KEYWORD = true;
constexpr bool TYPE_FUNC_NAME_KEYWORD = true;
constexpr bool RESERVED_KEYWORD = true;

#define PG_KEYWORD(word, token, category, label) KeyWord{word, category},
constexpr KeyWord key_words[] = {
#include <pg_query/postgres/parser/kwlist.h>
};
#undef PG_KEYWORD

}  // namespace

bool is_key_word(std::string_view lower_case_word) noexcept {
  // The table is in ASCII order.
  const auto found = std::lower_bound(std::begin(key_words), std::end(key_words), lower_case_word,
                                      [](const KeyWord& entry, std::string_view word) { return entry.word < word; });
  return found != std::end(key_words) && found->word == lower_case_word && found->reserved;
}

}  // namespace sealrow::sql::postgres
