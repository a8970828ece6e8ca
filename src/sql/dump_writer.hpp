// The writer behind dump(): expressions and queries in dump.cpp, statements in dump_statements.cpp.
#pragma once

#include "sealrow/sql/ast.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sealrow::sql {

class DumpWriter {
 public:
  explicit DumpWriter(std::string_view text) : text_(text) {}

  void write(const Statement& statement);
  void write(const Expr& expr);
  [[nodiscard]] std::string take() { return std::move(out_); }
  void line() { out_.push_back('\n'); }

 private:
  friend struct StatementDump;

  // "(name" … ")" around `inside`.
  template <class Inside>
  void group(std::string_view name, Inside inside) {
    open(name);
    inside();
    out_.push_back(')');
  }
  void open(std::string_view name);
  void word(std::string_view value);
  void flag(std::string_view name, bool value);
  void text_of(Span span);
  void name(const std::vector<std::string>& parts, Span span);
  void name(std::string_view what, const std::string& value);
  void names(std::string_view what, const std::vector<std::string>& values);

  void write(const ExprPtr& expr);
  void exprs(const std::vector<ExprPtr>& list);
  void exprs(std::string_view what, const std::vector<ExprPtr>& list);
  void part(std::string_view what, const ExprPtr& expr);
  void inside(const Expr& expr);
  void write(const WindowParts& window);
  void write(const TypeName& type);
  void write(const RelationName& relation, std::string_view alias = {});
  void relations(std::string_view what, const std::vector<RelationName>& list);

  void write(const Select& select);
  void leaf(const Select& select);
  void sort_keys(const std::vector<SortKey>& keys);
  void write(const With& with);
  void write(const FromItem& item);
  void from(std::string_view what, const std::vector<FromPtr>& items);
  void outputs(std::string_view what, const std::vector<OutputItem>& items);
  void targets(const std::vector<TargetColumn>& columns);
  void assignments(const std::vector<Assignment>& list);
  void statement(std::string_view what, const StatementPtr& statement);

  std::string_view text_;
  std::string out_;
};

}  // namespace sealrow::sql
