// LOAD DATA LOCAL: which field of the file belongs to which column.
#include "plan/analyzer.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace sealrow::plan {

namespace {

constexpr std::size_t max_terminator = 64;

// Envelopes consist of letters, digits and these; escapes are letters and digits.
bool may_separate(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x80 && std::isalnum(byte) == 0 && c != '.' && c != '-' && c != '_';
}

bool is_utf8_or_bytes(const std::string& charset) {
  constexpr std::array<std::string_view, 5> known = {"utf8mb4", "utf8mb3", "utf8", "ascii", "binary"};
  return std::find(known.begin(), known.end(), charset) != known.end();
}

// Characters that decide; all of them differ, but that the escape may be the enclosing one.
bool is_unambiguous(const LineFormat& format) {
  std::vector<char> deciding = {format.fields_terminated[0], format.lines_terminated[0]};
  if (format.enclosed) deciding.push_back(*format.enclosed);
  if (format.escape && format.escape != format.enclosed) deciding.push_back(*format.escape);
  if (!std::all_of(deciding.begin(), deciding.end(), may_separate)) return false;
  std::sort(deciding.begin(), deciding.end());
  return std::adjacent_find(deciding.begin(), deciding.end()) == deciding.end();
}

bool is_short_ascii(const std::string& text) {
  return text.size() <= max_terminator &&
         std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

// ---- the format -----------------------------------------------------------------------------------------------------

// READ_INFO::READ_INFO (sql_load.cc).
void Analyzer::load_format(const sql::LoadData& load, const Target& target, CopyPlan& plan) {
  decided_by_literal();
  LineFormat& format = plan.lines;
  const auto refuse_format = [&](std::string message, std::string hint) {
    refuse_at(ErrorCode::statement_not_understood, std::move(message), std::move(hint), as_written(load.table),
              load.table.span);
  };
  const auto& options = std::get<sql::mysql::LexerOptions>(session_.lexer);
  if (!options.no_backslash_escapes) format.escape = '\\';
  if (load.fields_terminated) format.fields_terminated = *load.fields_terminated;
  if (load.lines_terminated) format.lines_terminated = *load.lines_terminated;
  if (load.lines_starting) format.lines_starting = *load.lines_starting;
  const auto character = [](const std::optional<std::string>& said, std::optional<char>& into) {
    if (!said) return true;
    into.reset();
    if (!said->empty()) into = (*said)[0];
    return said->size() <= 1;
  };
  const bool single = character(load.fields_enclosed, format.enclosed) && character(load.fields_escaped, format.escape);
  if (format.fields_terminated.empty() || format.lines_terminated.empty()) {
    return refuse_format("a file of fixed widths cannot be sealed", "give FIELDS and LINES terminators");
  }
  const bool readable = single && is_short_ascii(format.fields_terminated) && is_short_ascii(format.lines_terminated) &&
                        is_short_ascii(format.lines_starting) && is_unambiguous(format);
  if (!readable) {
    return refuse_format("the FIELDS and LINES options do not tell fields apart for certain",
                         "use different characters that are neither letters nor digits");
  }
  if (load.ignore_lines) {
    const auto number = literal_text(*load.ignore_lines);
    const char* end = number ? number->data() + number->size() : nullptr;
    if (!number || std::from_chars(number->data(), end, format.skipped).ptr != end)
      return refuse_format("IGNORE … LINES is not understood", "give a number");
  }
  format.charset_said = !load.character_set.empty();
  if (format.charset_said && !is_utf8_or_bytes(load.character_set)) {
    return refuse_at(ErrorCode::client_encoding, "sealed columns need a file in UTF-8", "CHARACTER SET utf8mb4",
                     as_written(load.table), load.table.span);
  }
  // An envelope's bytes are no UTF-8, which MySQL does not let pass; MariaDB does.
  const bool bytes = std::any_of(plan.fields.begin(), plan.fields.end(), [&](const auto& field) {
    return field && column(field->column).storage == Storage::bytea;
  });
  if (bytes && load.character_set != "binary" && !sql::is_mariadb(session_.lexer)) {
    return refuse_format("bytes cannot be sealed in a file that is read as text", "CHARACTER SET binary");
  }
  if (bytes && !format.escape && !format.enclosed) {
    refuse_format("sealed bytes cannot be told from terminators", "FIELDS ESCAPED BY or ENCLOSED BY");
  }
  if (target.through_view) refuse_format("LOAD DATA into a view of a protected table", "load into the table itself");
}

// ---- fields and columns ---------------------------------------------------------------------------------------------

// Null: a variable.
void Analyzer::load_fields(const sql::LoadData& load, const Target& target, std::vector<Field*>& fields) {
  if (load.targets.empty()) {
    fields = target.source->fields;
    std::erase_if(fields, [](const Field* field) { return is_invisible(*field); });
    return;
  }
  for (const auto& each : load.targets) {
    Field* field = each.variable.empty() ? field_in(*target.source, each.column) : nullptr;
    if (!field && each.variable.empty()) {
      refuse_at(ErrorCode::name_unresolved, "the column is not known", "check the name", each.column, each.span);
    }
    fields.push_back(field);
  }
}

Analyzer::LoadedTenant Analyzer::assign_loaded(const sql::LoadData& load, const Target& target, Scope& scope,
                                               std::vector<Written>& written) {
  LoadedTenant tenant;
  const std::string* wanted = target.bound ? tenant_column(*target.bound->table) : nullptr;
  for (const sql::Assignment& each : load.set) {
    Field* field = field_in(*target.source, each.column);
    if (!field || !each.value) {
      refuse_at(ErrorCode::name_unresolved, "the column is not known", "check the name", each.column, each.column_span);
      continue;
    }
    if (field->bound) {
      refuse_at(ErrorCode::expression_not_sealable, "LOAD DATA … SET of a protected column",
                "name the column in the list of fields", field->bound->display, each.column_span);
    }
    later([this, &each, &scope] { require_clear(*each.value, scope, "LOAD DATA … SET"); });
    written.push_back({field, {each.value.get(), &scope, nullptr}});
    if (!wanted || !field->column || field->column->name != *wanted) continue;
    tenant.term.origin = written.back().value;
    // A variable that a field of the file was read into.
    const sql::Expr& leaf = *leaf_of(*each.value);
    if (leaf.kind != sql::ExprKind::variable || !leaf.args.empty()) continue;
    const auto read = std::find_if(load.targets.begin(), load.targets.end(),
                                   [&](const auto& target_field) { return target_field.variable == leaf.names[0]; });
    if (read == load.targets.end()) continue;
    tenant.field = static_cast<std::uint32_t>(read - load.targets.begin());
    tenant.term = {};
  }
  return tenant;
}

void Analyzer::plan_loaded_rows(const sql::LoadData& load, const Target& target, Scope& scope, CopyPlan& plan) {
  const policy::ProtectedTable& table = *target.bound->table;
  std::vector<Field*> fields;
  load_fields(load, target, fields);
  std::vector<Written> written;
  LoadedTenant tenant = assign_loaded(load, target, scope, written);
  const std::string* wanted = tenant_column(table);
  const BoundColumn* first = nullptr;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i]) continue;
    written.push_back({fields[i], {}});
    if (!first) first = fields[i]->bound;
    if (!wanted || !fields[i]->column || fields[i]->column->name != *wanted) continue;
    if (tenant.field || tenant.term.origin.expr) {
      refuse_at(ErrorCode::tenant_conflict, "the tenant column is loaded twice", "load it once", *wanted,
                load.table.span);
    }
    tenant.field = static_cast<std::uint32_t>(i);
  }
  write_defaults(target, written);
  if (!first) return;  // no field is sealed
  TenantIndex rule = 0;
  if (tenant.field) {
    rule = static_cast<TenantIndex>(tenants_.size());
    tenants_.push_back({&table, {}});
  } else {
    Flow flow;
    flow.column = first;
    flow.tenant = tenant.term;
    rule = tenant_of(flow, nullptr);
  }
  plan.tenant_fields.assign(tenants_.size(), std::nullopt);
  if (rule < plan.tenant_fields.size()) plan.tenant_fields[rule] = tenant.field;
  for (Field* field : fields) {
    std::optional<Destination> destination;
    if (field && field->bound) destination = Destination{Purpose::seal, index_of(*field->bound), rule};
    plan.fields.push_back(destination);
  }
}

void Analyzer::plan_load(const sql::LoadData& load, const sql::Statement& statement, StatementPlan& out) {
  if (!touched_) return;
  Scope& scope = *new_scope(nullptr);
  const Target target = make_target(load.table, "", scope);
  if (!target.bound) {
    for (const sql::Assignment& each : load.set) {
      if (each.value) require_clear(*each.value, scope, "LOAD DATA … SET");
    }
    return;
  }
  if (!load.local) {
    return refuse_at(ErrorCode::file_copy, "LOAD DATA of a file of the server would store its values unsealed",
                     "use LOAD DATA LOCAL, or send the rows by INSERT", as_written(load.table), statement.span);
  }
  if (load.xml || request_.protocol == Protocol::extended) {
    return refuse_at(ErrorCode::statement_not_understood,
                     load.xml ? "LOAD XML into a protected table" : "a prepared LOAD DATA into a protected table",
                     "use LOAD DATA LOCAL in a command of its own", as_written(load.table), statement.span);
  }
  CopyPlan plan;
  plan.format = CopyPlan::Format::lines;
  plan_loaded_rows(load, target, scope, plan);
  run_checks();
  load_format(load, target, plan);
  if (!plan.fields.empty()) out.copy = std::move(plan);
}

}  // namespace sealrow::plan
