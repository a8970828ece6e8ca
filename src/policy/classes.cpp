#include "policy/classes.hpp"

#include "policy/names.hpp"
#include "policy/yaml/fields.hpp"

namespace sealrow::policy {

using vocabulary::Encryption;

Classes::Classes() {
  using crypto::Compression;
  by_name_["public"] = {.encryption = Encryption::none};
  by_name_["internal"] = {.encryption = Encryption::none};
  by_name_["confidential"] = {};
  // Short, guessable values: their compressed length would tell too much.
  by_name_["pii"] = {.domain = "pii", .compression = Compression::off};
  by_name_["secret"] = {.domain = "secret", .compression = Compression::off};
}

void Classes::read(yaml::Report& report, const yaml::Node& node) {
  if (node.kind != yaml::Kind::mapping) {
    report.add(ErrorCode::config_value, node.at, "classes must be a mapping of names to classes");
    return;
  }
  for (const yaml::Entry& entry : node.entries) {
    const yaml::Node name{yaml::Kind::scalar, entry.at, entry.key, {}, {}};
    if (!read_label(report, name, "class name")) continue;
    DataClass& target = by_name_[entry.key];
    const yaml::Fields fields(report, entry.value, vocabulary::class_keys);
    fields.choice("encryption", target.encryption, vocabulary::encryptions, vocabulary::encryptions_later);
    fields.choice("compress", target.compression, vocabulary::compressions);
    fields.choice("suite", target.suite, vocabulary::suites, vocabulary::suites_later);
    if (const yaml::Node* domain = fields.find("domain")) {
      if (auto label = read_label(report, *domain, "domain")) target.domain = std::move(*label);
    }
  }
}

const DataClass* Classes::find(yaml::Report& report, const yaml::Node& name) const {
  std::vector<std::string_view> words;
  std::vector<const DataClass*> values;
  for (const auto& [word, value] : by_name_) {
    words.push_back(word);
    values.push_back(&value);
  }
  const auto index = yaml::read_word(report, name, "class", words);
  return index ? values[*index] : nullptr;
}

}  // namespace sealrow::policy
