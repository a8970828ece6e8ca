// Parameters: a value with several destinations is sent once per destination.
#include "plan/analyzer.hpp"
#include "plan/types.hpp"
#include "plan/walk.hpp"

#include <algorithm>
#include <tuple>

namespace sealrow::plan {

namespace {

// Places of one parameter that get the same bytes have the same key.
using Key = std::tuple<bool, Purpose, ColumnIndex, TenantIndex, bool>;
Key key_of_destination(const std::optional<Destination>& d) {
  return d ? Key{true, d->purpose, d->column, d->tenant, d->json_as_text} : Key{};
}

bool is_character(Oid type) { return type == oid::text || type == oid::varchar; }

}  // namespace

Oid Analyzer::declared_type(std::uint32_t parameter) const {
  if (parameter == 0) return 0;
  if (prepare_) {
    if (parameter > prepare_->types.size() || prepare_->types[parameter - 1].array) return 0;
    return type_oid(prepare_->types[parameter - 1]);
  }
  const auto* types = request_.parameter_types;
  const Oid declared = types && parameter <= types->size() ? (*types)[parameter - 1] : 0;
  return declared == oid::unknown ? 0 : declared;
}

// The type that the server must take the parameter for, 0 if the client's own declaration is right.
Oid Analyzer::sent_type(const Destination& destination, const sql::Expr& occurrence) const {
  if (mysql_) return 0;  // parameters get their types when they are sent
  const BoundColumn& bound = column(destination.column);
  const Oid declared = declared_type(occurrence.number);
  const bool bytes = bound.storage == Storage::bytea;
  switch (destination.purpose) {
    case Purpose::search_tag:
      if (!bytes && is_character(declared)) return 0;
      return bytes ? oid::bytea : oid::text;
    case Purpose::search_tag_array:
      if (!bytes && (declared == oid::text_array || declared == oid::varchar_array)) return 0;
      return bytes ? oid::bytea_array : oid::text_array;
    case Purpose::seal:
      break;
  }
  if (is_logical(bound)) return bound.physical_type;
  if (declared) return 0;
  const auto type = leaf_types_.find(&occurrence);
  if (type != leaf_types_.end() && type->second.cast) return type_oid(*type->second.cast);
  if (type != leaf_types_.end() && type->second.derived && !bytes) return oid::text;
  return bound.physical_type;
}

// What the client expects to be told about its parameter.
Oid Analyzer::described_type(const Destination& destination, const sql::Expr& occurrence) const {
  if (mysql_) return 0;
  if (const Oid declared = declared_type(occurrence.number)) return declared;
  const BoundColumn& bound = column(destination.column);
  const auto type = leaf_types_.find(&occurrence);
  const sql::TypeName* cast = type == leaf_types_.end() ? nullptr : type->second.cast;
  if (destination.purpose == Purpose::search_tag_array) {
    const Oid element = cast                                ? type_oid(*cast)
                        : bound.storage == Storage::varchar ? Oid{oid::text}
                                                            : bound.logical_type;
    return array_of(element);
  }
  if (cast && !cast->array) {
    if (const Oid named = type_oid(*cast)) return named;
  }
  // Without a cast, VALUES lists and subqueries take unknown values for text.
  if (type != leaf_types_.end() && type->second.derived && !is_logical(bound) && bound.storage != Storage::bytea) {
    return oid::text;
  }
  // An operator of varchar takes text.
  if (destination.purpose == Purpose::search_tag && bound.storage == Storage::varchar) return oid::text;
  return bound.logical_type;
}

void Analyzer::retype_prepared(std::uint32_t number, Oid type) {
  if (!prepare_ || type == 0 || number > prepare_->types.size()) return;
  const sql::TypeName& named = prepare_->types[number - 1];
  if (!named.array && type_oid(named) == type) return;
  const auto storage = storage_of(type);
  if (storage) {
    edits_.replace(named.span, std::string(type_name(*storage)));
  } else {
    edits_.replace(named.span, type == oid::bytea_array ? "bytea[]" : "text[]");
  }
}

void Analyzer::split_parameter(std::uint32_t number, const std::vector<const sql::Expr*>& occurrences,
                               StatementPlan& out) {
  ParameterPlan& parameter = out.parameters[number - 1];
  struct Group {
    std::optional<Destination> destination;
    std::vector<const sql::Expr*> occurrences;
  };
  std::vector<Group> groups;
  std::map<Key, std::size_t> known;
  for (const sql::Expr* occurrence : occurrences) {
    const auto leaf = leaves_.find(occurrence);
    std::optional<Destination> destination;
    if (leaf != leaves_.end()) destination = leaf->second;
    const auto [group, fresh] = known.try_emplace(key_of_destination(destination), groups.size());
    if (fresh) groups.push_back({destination, {}});
    groups[group->second].occurrences.push_back(occurrence);
  }
  // The clear value keeps the number: the server goes on finding its type from where it stands.
  const auto clear = std::find_if(groups.begin(), groups.end(), [](const Group& group) { return !group.destination; });
  if (clear != groups.end()) std::rotate(groups.begin(), clear, clear + 1);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Group& group = groups[i];
    ParameterPlan::Sent sent;
    sent.sent_as = i == 0 ? number : parsed_.parameter_count + ++out.added_parameters;
    sent.destination = group.destination;
    if (group.destination) {
      sent.physical_type = sent_type(*group.destination, *group.occurrences[0]);
      retype_prepared(number, sent.physical_type);
      if (i > 0 && sent.physical_type == 0) sent.physical_type = declared_type(number);
      if (i == 0) {
        const Oid described = described_type(*group.destination, *group.occurrences[0]);
        const Oid seen = sent.physical_type ? sent.physical_type : declared_type(number);
        parameter.logical_type = described == seen ? 0 : described;
      }
    }
    for (const sql::Expr* occurrence : i == 0 ? std::vector<const sql::Expr*>{} : group.occurrences) {
      edits_.replace(occurrence->span, "$" + std::to_string(sent.sent_as));
    }
    parameter.sent.push_back(sent);
  }
}

void Analyzer::plan_parameters(const sql::Statement& statement, StatementPlan& out) {
  std::vector<std::vector<const sql::Expr*>> occurrences(parsed_.parameter_count);
  bool any = false;
  // The same number may stand in hundreds of thousands of places, never more numbers than the protocol has (65535).
  for_each_expr(statement, [&](const sql::Expr& expr) {
    if (expr.kind != sql::ExprKind::parameter || expr.number == 0 || expr.number > occurrences.size()) return;
    occurrences[expr.number - 1].push_back(&expr);
    any = any || leaves_.contains(&expr);
  });
  if (!any) return;
  out.parameters.resize(occurrences.size());
  for (std::uint32_t number = 1; number <= occurrences.size(); ++number) {
    if (occurrences[number - 1].empty()) {
      out.parameters[number - 1].sent.push_back({number, std::nullopt, 0});
    } else {
      split_parameter(number, occurrences[number - 1], out);
    }
  }
  constexpr std::uint32_t max_parameters = 65535;  // an Int16 in Parse and Bind
  if (parsed_.parameter_count + out.added_parameters > max_parameters) {
    refuse(ErrorCode::statement_not_understood, "the statement has too many values of different rows",
           "write fewer rows at once", "", nullptr);
  }
  if (prepare_ && out.added_parameters > 0) {
    refuse(ErrorCode::expression_not_sealable, "a parameter of PREPARE goes to several places that differ",
           "use one parameter per place", "", nullptr);
  }
}

}  // namespace sealrow::plan
