#include "keys/aws/regions.hpp"

#include <algorithm>

namespace sealrow::keys::aws {

std::string service_url(std::string_view service, std::string_view region) {
  const bool china = region.starts_with("cn-");
  return "https://" + std::string(service) + '.' + std::string(region) + ".amazonaws.com" + (china ? ".cn/" : "/");
}

std::string region_of(std::string_view arn) {
  if (!arn.starts_with("arn:")) return {};
  for (int field = 0; field < 3; ++field) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  return std::string(arn.substr(0, arn.find(':')));
}

bool is_region(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return text.size() >= 5 && text.size() <= 32 && std::ranges::all_of(text, fits) && std::ranges::count(text, '-') >= 2;
}

}  // namespace sealrow::keys::aws
