// What both dialects say about a text without parsing it: its template, and the words it holds.
#pragma once

#include "sealrow/sql/ast.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sealrow::sql {

// A statement text with its literals taken out, so that statements that differ in values only share a plan: each is
// replaced by the byte 0x01, which no SQL text has outside of quotes, and a letter for its kind ('…' → S, 1 → I, …).
// Literals are the same tokens, in the same order, as Parsed::literals of the original text.
// NULL, TRUE, FALSE and parameters stay in the template: they are structure. A sign is not part of a number.
struct Template {
  std::string text;               // comments replaced by one blank, otherwise as written
  std::vector<Literal> literals;  // spans in the ORIGINAL text
  std::vector<Span> comments;     // likewise, those that became a blank
  std::uint64_t hash = 0;         // keyed per process; equality must compare `text`
  bool exact = false;             // text could not be taken apart with certainty: no literals, `text` is the
                                  // original behind "\x01=", so that it equals no other template
};
// Lower-cased identifier words and string contents of a text (function bodies, DO blocks): a conservative look for
// names and dynamic SQL.
struct WordScan {
  std::vector<std::string>
      words;                 // identifiers and key words, folded (quoted ones as written), incl. words inside strings
  bool has_execute = false;  // runs a text that is put together at run time
};

}  // namespace sealrow::sql
