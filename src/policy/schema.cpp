#include "sealrow/policy/loader.hpp"
#include "sealrow/policy/server_config.hpp"

namespace sealrow::embedded {  // made by the build from config/*.schema.json
extern const std::string_view policy_schema_json;
extern const std::string_view server_schema_json;
}  // namespace sealrow::embedded

namespace sealrow::policy {

std::string_view json_schema() { return embedded::policy_schema_json; }
std::string_view server_json_schema() { return embedded::server_schema_json; }

}  // namespace sealrow::policy
