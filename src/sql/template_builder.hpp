// The template mechanism, shared by the dialects: only their lexers differ.
#pragma once

#include "sealrow/sql/template.hpp"

#include <cstdint>
#include <string_view>

namespace sealrow::sql {

class TemplateBuilder {
 public:
  TemplateBuilder(std::string_view text, Template& out);

  void literal(Span span, LiteralKind kind);
  void blank(Span span);  // a comment leaves one blank behind
  void finish();          // hash; without `exact()` also the rest of the text
  void exact();

 private:
  std::string_view text_;
  Template& out_;
  std::size_t copied_ = 0;
};

}  // namespace sealrow::sql
