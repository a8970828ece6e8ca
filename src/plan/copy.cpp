// COPY: which field of the stream belongs to which column.
#include "plan/analyzer.hpp"
#include "plan/types.hpp"

#include <algorithm>

namespace sealrow::plan {

namespace {

CopyPlan::Format format_of(sql::CopyFormat format) {
  switch (format) {
    case sql::CopyFormat::text:
      return CopyPlan::Format::text;
    case sql::CopyFormat::csv:
      return CopyPlan::Format::csv;
    case sql::CopyFormat::binary:
      return CopyPlan::Format::binary;
  }
  return CopyPlan::Format::text;
}

bool is_utf8(const std::string& encoding) {
  std::string plain;
  for (const char c : encoding) {
    if (c != '-' && c != '_') plain.push_back(static_cast<char>(c | 0x20));
  }
  return plain == "utf8" || plain == "unicode";
}

}  // namespace

void Analyzer::copy_options(const sql::Copy& copy, const std::vector<Field*>& fields, CopyPlan& plan) {
  const auto refuse_option = [&](const std::string& option) {
    refuse(ErrorCode::statement_not_understood, "the COPY option " + option + " is not supported on a protected table",
           "leave the option out", copy.table ? copy.table->name : "", nullptr);
  };
  decided_by_literal();
  plan.format = format_of(copy.format);
  const bool csv = plan.format == CopyPlan::Format::csv;
  plan.delimiter = csv ? ',' : '\t';
  plan.null_string = csv ? "" : "\\N";
  plan.header = copy.header || copy.header_match;
  const auto character = [&](const std::optional<std::string>& value, char& into, const char* option) {
    if (!value) return;
    if (value->size() != 1) return refuse_option(option);
    into = (*value)[0];
  };
  character(copy.delimiter, plan.delimiter, "DELIMITER");
  character(copy.quote, plan.quote, "QUOTE");
  plan.escape = plan.quote;
  character(copy.escape, plan.escape, "ESCAPE");
  if (copy.null_string) plan.null_string = *copy.null_string;
  if (copy.default_string) refuse_option("DEFAULT");
  if (copy.encoding && !is_utf8(*copy.encoding)) refuse_option("ENCODING");
  if (!copy.unknown_options.empty()) refuse_option(copy.unknown_options.front());
  const auto flags = [&](bool all, const std::vector<std::string>& names, std::vector<bool>& into) {
    into.assign(fields.size(), all);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i] && std::find(names.begin(), names.end(), fields[i]->name) != names.end()) into[i] = true;
    }
  };
  flags(copy.force_null_all, copy.force_null, plan.force_null);
  flags(copy.force_not_null_all, copy.force_not_null, plan.force_not_null);
  flags(copy.force_quote_all, copy.force_quote, plan.force_quote);
}

void Analyzer::plan_copy_in(const sql::Copy& copy, Target& target, CopyPlan& plan) {
  std::vector<Written> written;
  std::vector<Field*> fields;
  for (const sql::TargetColumn& column : copy.columns) fields.push_back(field_in(*target.source, column.name));
  if (copy.columns.empty()) {
    for (Field* field : target.source->fields) {
      if (!field->column || !field->column->generated) fields.push_back(field);
    }
  }
  plan.direction = CopyPlan::Direction::in;
  const std::string* wanted = tenant_column(*target.bound->table);
  std::optional<std::uint32_t> tenant_field;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i]) {
      refuse(ErrorCode::name_unresolved, "the column is not known", "check the name", copy.columns[i].name, nullptr);
      return;
    }
    written.push_back({fields[i], {}});
    if (wanted && fields[i]->column && fields[i]->column->name == *wanted) tenant_field = static_cast<std::uint32_t>(i);
  }
  const policy::ProtectedTable& table = *target.bound->table;
  if (!tenant_field && !has_session_source(table)) {
    refuse(ErrorCode::tenant_missing, "the rows do not say whose data they are",
           "copy the tenant column " + (wanted ? *wanted : std::string()) + " too", table.schema + "." + table.name,
           nullptr);
    return;
  }
  tenants_.push_back({&table, {}});
  const auto tenant = static_cast<TenantIndex>(tenants_.size() - 1);
  plan.tenant_fields.assign(tenants_.size(), std::nullopt);
  plan.tenant_fields[tenant] = tenant_field;
  for (Field* field : fields) {
    std::optional<Destination> destination;
    if (field->bound) destination = Destination{Purpose::seal, index_of(*field->bound), tenant};
    plan.fields.push_back(destination);
  }
  write_defaults(target, written);
  copy_options(copy, fields, plan);
}

void Analyzer::plan_copy_out(const sql::Copy& copy, CopyPlan& plan) {
  plan.direction = CopyPlan::Direction::out;
  std::vector<Field*> fields;
  if (copy.query) {
    const Shape shape = build(*copy.query, nullptr);
    run_checks();
    require_all_seen(*copy.query);
    if (!shape.known) {
      refuse(ErrorCode::statement_not_understood, "the columns that * stands for are not known", "list the columns", "",
             nullptr);
    }
    fields = shape.outputs;
  } else {
    Scope& scope = *new_scope(nullptr);
    Source* source = build_relation(*copy.table, scope);
    fields = source->fields;
    if (!copy.columns.empty()) fields.clear();
    for (const sql::TargetColumn& column : copy.columns) {
      Field* field = field_in(*source, column.name);
      if (!field) {
        refuse_at(ErrorCode::name_unresolved, "the column is not known", "check the name", column.name, column.span);
        return;
      }
      fields.push_back(field);
    }
  }
  for (Field* field : fields) plan.outputs.push_back(output_of(*field));
  copy_options(copy, fields, plan);
}

void Analyzer::plan_copy(const sql::Copy& copy, StatementPlan& out) {
  if (!touched_) return;
  CopyPlan plan;
  const bool file = copy.program || !copy.file.empty();
  const auto refuse_file = [&] {
    refuse(ErrorCode::file_copy, "COPY of a protected table to or from a file or program of the server",
           "use COPY … STDIN or STDOUT", copy.table ? copy.table->name : "", nullptr);
  };
  if (copy.from && copy.table) {
    Scope& scope = *new_scope(nullptr);
    Target target = make_target(*copy.table, "", scope);
    if (!target.bound) return;
    if (file) return refuse_file();
    if (target.through_view) {
      refuse_at(ErrorCode::statement_not_understood, "COPY into a view of a protected table",
                "copy into the table itself", copy.table->name, copy.table->span);
      return;
    }
    later([this, &copy, &scope] { require_clear(copy.where, scope, "COPY … WHERE"); });
    run_checks();
    plan_copy_in(copy, target, plan);
    out.copy = std::move(plan);
    return;
  }
  plan_copy_out(copy, plan);
  const bool sealed = std::any_of(plan.outputs.begin(), plan.outputs.end(),
                                  [](const OutputColumn& output) { return !output.readable.empty(); });
  if (!sealed) return;
  if (file) return refuse_file();
  out.copy = std::move(plan);
}

}  // namespace sealrow::plan
