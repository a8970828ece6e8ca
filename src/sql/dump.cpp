#include "sql/dump.hpp"

#include "sql/dump_writer.hpp"

#include <array>

namespace sealrow::sql {
namespace {

constexpr std::array<std::string_view, 29> kind_words = {
    "col",      "star",   "lit",      "const",  "param", "cast",     "call",      "op",      "bool",  "case",
    "coalesce", "minmax", "isnull",   "istest", "row",   "array",    "sub",       "default", "field", "subscript",
    "collate",  "attz",   "sqlvalue", "json",   "xml",   "grouping", "currentof", "other",   "var",
};
constexpr std::array<std::string_view, 7> subquery_words = {"scalar", "exists", "in", "not_in", "any", "all", "array"};
constexpr std::array<std::string_view, 8> from_words = {
    "rel", "query", "function", "join", "values", "sample", "json_table", "other",
};
constexpr std::array<std::string_view, 5> join_words = {"inner", "left", "right", "full", "cross"};
constexpr std::array<std::string_view, 4> into_words = {"", "into_outfile", "into_dumpfile", "into_variables"};
constexpr std::array<std::string_view, 4> set_words = {"select", "union", "intersect", "except"};

std::string joined(const std::vector<std::string>& parts) {
  std::string result;
  for (const auto& part : parts) result += (result.empty() ? "" : ".") + part;
  return result;
}

}  // namespace

void DumpWriter::open(std::string_view name) {
  if (!out_.empty() && out_.back() != '(' && out_.back() != '\n') out_.push_back(' ');
  out_.push_back('(');
  out_.append(name);
}

void DumpWriter::word(std::string_view value) {
  out_.push_back(' ');
  out_.append(value);
}

void DumpWriter::flag(std::string_view name, bool value) {
  if (value) word(name);
}

void DumpWriter::text_of(Span span) {
  word(span.end <= text_.size() && span.begin <= span.end ? text_.substr(span.begin, span.end - span.begin)
                                                          : "<bad span>");
}

// The name, and what stands in the text where that is written differently.
void DumpWriter::name(const std::vector<std::string>& parts, Span span) {
  const std::string plain = joined(parts);
  word(plain);
  if (span.end == 0) {
    out_.append("{}");
  } else if (span.end > text_.size() || text_.substr(span.begin, span.end - span.begin) != plain) {
    out_.push_back('{');
    out_.append(text_.substr(span.begin, span.end - span.begin));
    out_.push_back('}');
  }
}

void DumpWriter::name(std::string_view what, const std::string& value) {
  if (!value.empty()) group(what, [&] { word(value); });
}

void DumpWriter::names(std::string_view what, const std::vector<std::string>& values) {
  if (values.empty()) return;
  group(what, [&] {
    for (const auto& value : values) word(value);
  });
}

void DumpWriter::write(const ExprPtr& expr) {
  if (expr) write(*expr);
}

void DumpWriter::exprs(const std::vector<ExprPtr>& list) {
  for (const auto& expr : list) write(expr);
}

void DumpWriter::exprs(std::string_view what, const std::vector<ExprPtr>& list) {
  if (!list.empty()) group(what, [&] { exprs(list); });
}

void DumpWriter::part(std::string_view what, const ExprPtr& expr) {
  if (expr) group(what, [&] { write(*expr); });
}

void DumpWriter::write(const Expr& expr) {
  group(kind_words[static_cast<std::size_t>(expr.kind)], [&] { inside(expr); });
}

void DumpWriter::inside(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::literal:
    case ExprKind::parameter:
      text_of(expr.span);
      return;
    case ExprKind::column:
      name(expr.names, expr.span);
      return;
    case ExprKind::star:
      text_of(expr.span);
      return;
    default:
      break;
  }
  if (expr.kind == ExprKind::subquery) word(subquery_words[static_cast<std::size_t>(expr.subquery_kind)]);
  flag("not", expr.negated);
  if (!expr.names.empty()) word(joined(expr.names));
  flag("distinct", expr.distinct);
  flag("*", expr.star_call);
  flag("variadic", expr.variadic);
  part("operand", expr.case_operand);
  for (std::size_t i = 0; i < expr.case_when.size() && i < expr.args.size(); ++i) {
    part("when", expr.case_when[i]);
    part("then", expr.args[i]);
  }
  if (expr.case_when.empty()) exprs(expr.args);
  part("else", expr.case_else);
  if (expr.type) write(*expr.type);
  exprs("order", expr.order);
  part("filter", expr.filter);
  if (expr.window) write(*expr.window);
  if (expr.query) write(*expr.query);
}

void DumpWriter::write(const WindowParts& window) {
  group("over", [&] {
    flag("named", window.named);
    exprs("partition", window.partition);
    exprs("order", window.order);
    exprs("frame", window.frame);
  });
}

void DumpWriter::write(const TypeName& type) {
  group("type", [&] {
    std::string plain = type.schema.empty() ? type.name : type.schema + "." + type.name;
    for (const auto modifier : type.modifiers) plain += ":" + std::to_string(modifier);
    name({type.array ? plain + "[]" : plain}, type.span);
  });
}

void DumpWriter::write(const RelationName& relation, std::string_view alias) {
  flag("only", relation.only);
  name({relation.schema.empty() ? relation.name : relation.schema + "." + relation.name}, relation.span);
  if (!alias.empty()) out_.append(" as ").append(alias);
}

void DumpWriter::relations(std::string_view what, const std::vector<RelationName>& list) {
  if (list.empty()) return;
  group(what, [&] {
    for (const auto& relation : list) write(relation);
  });
}

void DumpWriter::write(const Select& select) {
  group(set_words[static_cast<std::size_t>(select.set_op)], [&] {
    if (select.with) write(*select.with);
    flag("all", select.set_all);
    if (select.left) write(*select.left);
    if (select.right) write(*select.right);
    leaf(select);
    sort_keys(select.order_by);
    part("limit", select.limit);
    part("offset", select.offset);
    flag("locking", select.locking);
  });
}

void DumpWriter::sort_keys(const std::vector<SortKey>& keys) {
  if (keys.empty()) return;
  group("order", [&] {
    for (const auto& key : keys) {
      write(key.expr);
      flag("desc", key.descending);
    }
  });
}

void DumpWriter::leaf(const Select& select) {
  for (const auto& row : select.values) exprs("values", row);
  flag("distinct", select.distinct);
  exprs("on", select.distinct_on);
  outputs("out", select.output);
  if (select.into) group("into", [&] { write(*select.into); });
  if (select.into_kind != IntoKind::none)
    names(into_words[static_cast<std::size_t>(select.into_kind)], select.into_names);
  from("from", select.from);
  part("where", select.where);
  exprs(select.grouping_sets ? "grouping_sets" : "group", select.group_by);
  part("having", select.having);
  for (const auto& window : select.windows) group("window", [&] { write(window); });
}

void DumpWriter::write(const With& with) {
  group(with.recursive ? "with_recursive" : "with", [&] {
    for (const auto& table : with.tables) {
      group(table.name, [&] {
        names("columns", table.columns);
        flag("extra_columns", table.extra_columns);
        if (table.statement) write(*table.statement);
      });
    }
  });
}

void DumpWriter::write(const FromItem& item) {
  const bool is_join = item.kind == FromItem::Kind::join;
  group(is_join ? join_words[static_cast<std::size_t>(item.join)] : from_words[static_cast<std::size_t>(item.kind)],
        [&] {
          flag("natural", item.natural);
          flag("lateral", item.lateral);
          if (!item.relation.name.empty()) write(item.relation);
          if (!item.alias.empty()) out_.append(" as ").append(item.alias);
          names("columns", item.column_aliases);
          if (item.query) write(*item.query);
          exprs(item.calls);
          for (const auto& type : item.column_types) write(type);
          flag("ordinality", item.with_ordinality);
          if (item.left) write(*item.left);
          if (item.right) write(*item.right);
          part("on", item.on);
          names("using", item.using_columns);
        });
}

void DumpWriter::from(std::string_view what, const std::vector<FromPtr>& items) {
  if (items.empty()) return;
  group(what, [&] {
    for (const auto& item : items) write(*item);
  });
}

void DumpWriter::outputs(std::string_view what, const std::vector<OutputItem>& items) {
  if (items.empty()) return;
  group(what, [&] {
    for (const auto& item : items) {
      write(item.expr);
      if (!item.alias.empty()) out_.append(" as ").append(item.alias);
    }
  });
}

std::string dump(const Parsed& parsed, std::string_view text) {
  DumpWriter writer(text);
  for (const auto& statement : parsed.statements) {
    writer.write(statement);
    writer.line();
  }
  return writer.take();
}

std::string dump(const Expr& expr, std::string_view text) {
  DumpWriter writer(text);
  writer.write(expr);
  return writer.take();
}

}  // namespace sealrow::sql
