#include "policy/tenants.hpp"

#include "policy/names.hpp"
#include "policy/vocabulary.hpp"
#include "policy/yaml/fields.hpp"

#include <algorithm>
#include <cstring>
#include <regex>

namespace sealrow::policy {
namespace {

// std::regex backtracks: patterns are kept to a subset whose cost is a low polynomial of the user name's length.
constexpr std::size_t max_pattern_size = 256;
constexpr std::size_t max_repeats = 3;
constexpr std::size_t max_user_size = 128;

// Walks the pattern once and counts what matters; skips escapes and bracket expressions.
struct PatternShape {
  std::size_t groups = 0, repeats = 0;
  bool nested = false, special_group = false, repeated_group = false, back_reference = false, alternatives = false;
};

PatternShape shape_of(std::string_view p) {
  PatternShape shape;
  std::size_t depth = 0;
  const auto repeats_at = [&](std::size_t i) { return i < p.size() && std::strchr("*+?{", p[i]); };
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] == '\\') {
      if (++i < p.size() && p[i] >= '1' && p[i] <= '9') shape.back_reference = true;
    } else if (p[i] == '[') {
      while (++i < p.size() && p[i] != ']') i += p[i] == '\\' ? 1 : 0;
    } else if (p[i] == '(') {
      ++shape.groups;
      shape.nested |= depth++ > 0;
      shape.special_group |= i + 1 < p.size() && p[i + 1] == '?';
    } else if (p[i] == ')') {
      depth -= depth > 0 ? 1 : 0;
      shape.repeated_group |= repeats_at(i + 1);
    } else if (p[i] == '|') {
      shape.alternatives = true;
    } else if (repeats_at(i)) {
      ++shape.repeats;
    }
  }
  return shape;
}

class SourceReader {
 public:
  explicit SourceReader(yaml::Report& report) : report_(report) {}

  std::optional<TenantSource> read(const yaml::Node& node) {
    const yaml::Fields fields(report_, node, vocabulary::tenant);
    if (!fields.usable()) return std::nullopt;
    if (node.entries.size() != 1) {
      report_.add(ErrorCode::config_value, node.at, "a tenant source is one pair, such as 'column: tenant_id'",
                  "make each source an item of its own: [{column: tenant_id}, {session: app.tenant_id}]");
      return std::nullopt;
    }
    if (const auto* value = fields.find("column")) return column(*value);
    if (const auto* value = fields.find("session")) return session(*value);
    if (const auto* value = fields.find("user")) return user(*value);
    if (const auto* value = fields.find("single")) return single(*value);
    return std::nullopt;  // an unknown key: reported
  }

 private:
  std::optional<TenantSource> column(const yaml::Node& node) {
    auto name = yaml::read_text(report_, node, "column");
    if (!name || !check_identifier(report_, node.at, *name, "column")) return std::nullopt;
    return ColumnTenant{std::move(*name)};
  }
  std::optional<TenantSource> session(const yaml::Node& node) {
    auto setting = read_setting(report_, node);
    if (!setting) return std::nullopt;
    return SessionTenant{std::move(*setting)};
  }
  std::optional<TenantSource> user(const yaml::Node& node) {
    auto pattern = yaml::read_text(report_, node, "user");
    if (!pattern) return std::nullopt;
    if (const std::string fault = user_pattern_fault(*pattern); !fault.empty()) {
      report_.add(ErrorCode::config_value, node.at, "user pattern " + fault,
                  "it must match the whole user name and have one group around the tenant, as in 'app_(.+)'");
      return std::nullopt;
    }
    return UserTenant{std::move(*pattern)};
  }
  std::optional<TenantSource> single(const yaml::Node& node) {
    auto tenant = read_label(report_, node, "tenant");
    if (!tenant) return std::nullopt;
    return ConstantTenant{TenantId(std::move(*tenant))};
  }

  yaml::Report& report_;
};

}  // namespace

std::string user_pattern_fault(const std::string& pattern) {
  if (pattern.size() > max_pattern_size) return "is longer than 256 characters";
  const PatternShape shape = shape_of(pattern);
  if (shape.back_reference) return "has a back-reference";
  if (shape.special_group) return "has a special group";
  if (shape.groups != 1) return "must have exactly one group";
  if (shape.nested || shape.repeated_group) return "repeats its group";
  if (shape.alternatives) return "has alternatives";
  if (shape.repeats > max_repeats) return "has more than three repetitions";
  try {
    const std::regex compiled(pattern, std::regex::ECMAScript);
    return "";
  } catch (const std::regex_error&) {
    return "is not a valid regular expression";
  }
}

std::optional<std::string> tenant_of_user(const UserTenant& source, std::string_view user) {
  if (user.size() > max_user_size) return std::nullopt;
  try {
    std::match_results<std::string_view::const_iterator> match;
    if (!std::regex_match(user.begin(), user.end(), match, std::regex(source.pattern, std::regex::ECMAScript)) ||
        match.size() != 2 || match[1].length() == 0) {
      return std::nullopt;
    }
    return match[1].str();
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
}

std::string describe(const TenantSource& source) {
  struct Describe {
    std::string operator()(const ConstantTenant& s) const { return "single " + s.tenant.value(); }
    std::string operator()(const SessionTenant& s) const { return "session " + s.setting; }
    std::string operator()(const UserTenant& s) const { return "user " + s.pattern; }
    std::string operator()(const ColumnTenant& s) const { return "column " + s.column; }
  };
  return std::visit(Describe{}, source);
}

std::vector<TenantSource> read_tenant_sources(yaml::Report& report, const yaml::Node& node) {
  std::vector<TenantSource> sources;
  std::vector<std::string> seen;
  SourceReader reader(report);
  if (node.kind == yaml::Kind::sequence && node.items.empty()) {
    report.add(ErrorCode::config_value, node.at, "tenant names no source", "add one, such as 'session: app.tenant_id'");
  }
  const auto items = yaml::items_or_one(node);
  if (items.size() > 16) {
    report.add(ErrorCode::config_value, node.at, "more than 16 tenant sources");
    return sources;
  }
  for (const yaml::Node& item : items) {
    auto source = reader.read(item);
    if (!source) continue;
    std::string text = describe(*source);
    if (std::find(seen.begin(), seen.end(), text) != seen.end()) {
      report.add(ErrorCode::config_conflict, item.at, "tenant source is given twice");
    } else if (std::holds_alternative<ConstantTenant>(*source) && &item != &items.back()) {
      report.add(ErrorCode::config_conflict, item.at, "'single' always hits, so no source after it can be used",
                 "put it last, or remove the others");
    }
    seen.push_back(std::move(text));
    sources.push_back(std::move(*source));
  }
  return sources;
}

}  // namespace sealrow::policy
