// Statement shapes and their trees as data: a statement, then "=> " lines with its dump, then an empty line.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace sealrow::sql::test {

struct Shape {
  std::string text, expected;
  std::string options;  // the last "#! …" line above it
};

inline std::vector<Shape> shapes(const std::filesystem::path& file) {
  std::vector<Shape> result;
  std::ifstream in(file);
  Shape shape;
  const auto finish = [&] {
    if (!shape.text.empty()) result.push_back(shape);
    shape.text.clear();
    shape.expected.clear();
  };
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("#! ")) {
      shape.options = line.substr(3);
    } else if (line.starts_with("#")) {
      continue;
    } else if (line.starts_with("=> ")) {
      shape.expected += line.substr(3) + "\n";
    } else if (!line.empty()) {
      shape.text += (shape.text.empty() ? "" : "\n") + line;
    } else {
      finish();
    }
  }
  finish();
  return result;
}

}  // namespace sealrow::sql::test
