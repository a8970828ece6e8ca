#include "sql/postgres/tree.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include <pg_query.h>
#include <pthread.h>

namespace sealrow::sql::postgres {
namespace {

std::uintptr_t stack_pointer() { return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)); }

std::uintptr_t stack_bottom() {
  thread_local const std::uintptr_t bottom = [] {
    pthread_attr_t attributes;
    void* address = nullptr;
    std::size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return stack_pointer() - 256 * 1024;
    pthread_attr_getstack(&attributes, &address, &size);
    pthread_attr_destroy(&attributes);
    return reinterpret_cast<std::uintptr_t>(address);
  }();
  return bottom;
}

struct ParseResultDeleter {
  PgQueryProtobufParseResult value;
  ~ParseResultDeleter() { pg_query_free_protobuf_parse_result(value); }
};

// PgQueryError::cursorpos counts characters from 1; bytes that do not start a UTF-8 character do not count.
std::uint32_t byte_offset(std::string_view text, int cursor) {
  std::size_t offset = 0;
  for (int left = cursor - 1; offset < text.size(); ++offset) {
    const bool starts_character = (static_cast<unsigned char>(text[offset]) & 0xC0) != 0x80;
    if (starts_character && left-- <= 0) break;
  }
  return static_cast<std::uint32_t>(offset);
}

Error syntax_error(std::string message) {
  return {.code = ErrorCode::statement_syntax, .message = std::move(message)};
}

struct UnpackState {
  Arena& arena;
  StackBudget budget;
};

void* unpack_allocate(void* state, std::size_t size) {
  auto& unpack = *static_cast<UnpackState*>(state);
  return unpack.budget.exhausted() ? nullptr : unpack.arena.allocate(size);
}

}  // namespace

void* Arena::allocate(std::size_t size) {
  size = (size + alignof(std::max_align_t) - 1) & ~(alignof(std::max_align_t) - 1);
  if (size > left_) {
    const std::size_t block = std::max(size, block_size);
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(block));
    if (block > block_size) return blocks_.back().get();
    next_ = blocks_.back().get();
    left_ = block;
  }
  void* result = next_;
  next_ += size;
  left_ -= size;
  return result;
}

StackBudget::StackBudget() {
  const std::uintptr_t here = stack_pointer();
  const std::uintptr_t left = here - std::min(here, stack_bottom());
  lowest_ = here - std::min<std::uintptr_t>(left / 2, 4 * 1024 * 1024);
}

bool StackBudget::exhausted() const { return stack_pointer() < lowest_; }

Result<Tree> Tree::parse(const std::string& text, LexerOptions options) {
  if (text.size() > INT32_MAX || text.find('\0') != std::string::npos) {
    return syntax_error("text is too long or holds a zero byte");
  }
  const int flags = options.standard_conforming_strings ? 0 : PG_QUERY_DISABLE_STANDARD_CONFORMING_STRINGS;
  const ParseResultDeleter packed{
      pg_query_parse_protobuf_opts(text.c_str(), flags | PG_QUERY_DISABLE_ESCAPE_STRING_WARNING)};
  if (const PgQueryError* error = packed.value.error) {
    Error result = syntax_error(error->message ? error->message : "syntax error");
    if (error->cursorpos > 0) result.offset = byte_offset(text, error->cursorpos);
    return result;
  }
  Tree tree;
  UnpackState state{*tree.arena_, {}};
  ProtobufCAllocator allocator{unpack_allocate, [](void*, void*) {}, &state};
  tree.root_ = pg_query__parse_result__unpack(&allocator, packed.value.parse_tree.len,
                                              reinterpret_cast<const std::uint8_t*>(packed.value.parse_tree.data));
  if (!tree.root_) return syntax_error("statement is nested too deeply");
  return tree;
}

void for_each_child(const ProtobufCMessage& message, const std::function<void(const ProtobufCMessage&)>& visit) {
  const char* base = reinterpret_cast<const char*>(&message);
  for (unsigned i = 0; i < message.descriptor->n_fields; ++i) {
    const ProtobufCFieldDescriptor& field = message.descriptor->fields[i];
    if (field.type != PROTOBUF_C_TYPE_MESSAGE) continue;
    const void* member = base + field.offset;
    const void* quantifier = base + field.quantifier_offset;
    if (field.label == PROTOBUF_C_LABEL_REPEATED) {
      const auto* children = *static_cast<ProtobufCMessage* const* const*>(member);
      for (std::size_t n = 0; n < *static_cast<const std::size_t*>(quantifier); ++n) visit(*children[n]);
      continue;
    }
    const bool is_oneof = (field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
    if (is_oneof && *static_cast<const std::uint32_t*>(quantifier) != field.id) continue;
    if (const auto* child = *static_cast<ProtobufCMessage* const*>(member)) visit(*child);
  }
}

}  // namespace sealrow::sql::postgres
