#include "policy/yaml/document.hpp"

#include "sealrow/base/bytes.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <unordered_set>
#include <utility>

namespace sealrow::policy::yaml {
namespace {

Position position(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

// Ends the parse; the reason is in the report already. Leaves this file in no case.
struct Abandon {};

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Report& report) : report_(report) {}

  void OnDocumentStart(const YAML::Mark& mark) override { document_ = position(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(mark, Kind::null, "", anchor, ""); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(position(mark), "aliases are not supported", "write the value out");
    attach({Kind::null, position(mark), {}, {}, {}});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    leaf(mark, Kind::scalar, tag, anchor, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, Kind::sequence, tag, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, Kind::mapping, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

  [[nodiscard]] Node take() { return std::move(root_); }
  [[nodiscard]] Position document() const noexcept { return document_; }

 private:
  struct Frame {
    Node node;
    std::optional<Entry> key = {};  // mapping: read, its value is still to come
    bool key_unusable = false;      // reported; the value that follows is dropped
    std::unordered_set<std::string> seen = {};
  };

  void refuse(Position at, std::string message, std::string hint = {}) {
    report_.add(ErrorCode::config_syntax, at, std::move(message), std::move(hint));
  }

  void examine(Position at, const std::string& tag, YAML::anchor_t anchor) {
    if (++nodes_ > max_nodes) {
      refuse(at, "file has too many values");
      throw Abandon{};
    }
    if (anchor != YAML::NullAnchor) refuse(at, "anchors are not supported", "write the value out where it is needed");
    if (!tag.empty() && tag != "?" && tag != "!") refuse(at, "tags are not supported", "remove the tag");
  }

  void leaf(const YAML::Mark& mark, Kind kind, const std::string& tag, YAML::anchor_t anchor, const std::string& text) {
    examine(position(mark), tag, anchor);
    attach({kind, position(mark), text, {}, {}});
  }

  void open(const YAML::Mark& mark, Kind kind, const std::string& tag, YAML::anchor_t anchor) {
    examine(position(mark), tag, anchor);
    if (open_.size() >= max_depth) {
      refuse(position(mark), "values are nested too deeply");
      throw Abandon{};
    }
    open_.push_back({Node{kind, position(mark), {}, {}, {}}});
  }

  void close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    attach(std::move(node));
  }

  void attach(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (open_.back().node.kind == Kind::sequence) {
      open_.back().node.items.push_back(std::move(node));
    } else {
      attach_to_mapping(open_.back(), std::move(node));
    }
  }

  void attach_to_mapping(Frame& frame, Node node) {
    if (frame.key) {
      if (!frame.key_unusable) {
        frame.key->value = std::move(node);
        if (frame.key->value.kind == Kind::null) frame.key->value.at = frame.key->at;  // what is not there has no place
        frame.node.entries.push_back(std::move(*frame.key));
      }
      frame.key.reset();
      return;
    }
    frame.key_unusable = node.kind != Kind::scalar;
    if (frame.key_unusable) {
      refuse(node.at, "key must be a single word");
    } else if (!frame.seen.insert(node.text).second) {
      frame.key_unusable = true;
      report_.add(ErrorCode::config_conflict, node.at, "key " + shown(node.text) + " is given twice",
                  "keep one of the two");
    }
    frame.key = Entry{std::move(node.text), node.at, {}};
  }

  Report& report_;
  Node root_;
  Position document_;
  std::vector<Frame> open_;
  std::size_t nodes_ = 0;
};

bool fit_to_parse(std::string_view text, Report& report) {
  std::string_view reason;
  if (text.size() > max_file_size)
    reason = "file is larger than 1 MiB";
  else if (text.find('\0') != text.npos)
    reason = "file holds a NUL byte";
  else if (!is_valid_utf8(text))
    reason = "file is not valid UTF-8";
  if (reason.empty()) return true;
  report.add(ErrorCode::config_syntax, {}, std::string(reason));
  return false;
}

}  // namespace

std::optional<Node> parse(std::string_view text, Report& report) {
  if (!fit_to_parse(text, report)) return std::nullopt;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(report);
    if (!parser.HandleNextDocument(builder)) {
      report.add(ErrorCode::config_syntax, {}, "file is empty", "start it with 'version: 1'");
      return std::nullopt;
    }
    Node root = builder.take();
    if (TreeBuilder second(report); parser.HandleNextDocument(second)) {
      report.add(ErrorCode::config_syntax, second.document(), "file holds more than one document");
    }
    return root;
  } catch (const Abandon&) {
  } catch (const YAML::Exception& e) {
    report.add(ErrorCode::config_syntax, position(e.mark), e.msg);
  } catch (const std::exception&) {  // yaml-cpp throws standard exceptions on some malformed input
    report.add(ErrorCode::config_syntax, {}, "file cannot be parsed as YAML");
  }
  return std::nullopt;
}

}  // namespace sealrow::policy::yaml
