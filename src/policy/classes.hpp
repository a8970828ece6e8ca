// Classes: what a kind of data asks for, so that a column needs one word.
#pragma once

#include "policy/vocabulary.hpp"
#include "policy/yaml/document.hpp"
#include "policy/yaml/report.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sealrow::policy {

struct DataClass {
  vocabulary::Encryption encryption = vocabulary::Encryption::required;
  std::string domain = "general";
  crypto::Compression compression = crypto::Compression::automatic;
  crypto::Suite suite = crypto::Suite::xaes_256_gcm_commit;
};

class Classes {
 public:
  Classes();  // public, internal, confidential, pii, secret
  // Adds the file's own classes; one with a built-in name changes only what it names.
  void read(yaml::Report& report, const yaml::Node& node);
  // Null (and reported) if there is no such class.
  [[nodiscard]] const DataClass* find(yaml::Report& report, const yaml::Node& name) const;

 private:
  std::map<std::string, DataClass, std::less<>> by_name_;
};

}  // namespace sealrow::policy
