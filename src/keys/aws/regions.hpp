// Regions, partitions and the addresses of their services.
#pragma once

#include <string>
#include <string_view>

namespace sealrow::keys::aws {

// "https://kms.eu-central-1.amazonaws.com/"
[[nodiscard]] std::string service_url(std::string_view service, std::string_view region);
// Of "arn:aws:kms:REGION:…"; empty for anything else.
[[nodiscard]] std::string region_of(std::string_view arn);
// "eu-central-1", "us-gov-west-1".
[[nodiscard]] bool is_region(std::string_view text);

}  // namespace sealrow::keys::aws
