// What AWS's error answers mean, for KMS (JSON) and STS (XML) alike.
#pragma once

#include "keys/remote/caller.hpp"

namespace sealrow::keys::aws {

[[nodiscard]] Failure explain(const HttpResponse& response, WallTime now, const std::string& service);
// Text of the first <name>…</name>; the answers of STS and IAM are too plain to need more of XML.
[[nodiscard]] std::string_view xml_text(std::string_view document, std::string_view name);

}  // namespace sealrow::keys::aws
