// libpg_query's parse tree: parse, unpack into an arena, and walk without knowing the node types (by protobuf-c's
// descriptors), so that no part of a statement can be overlooked.
#pragma once

#include "sealrow/base/result.hpp"
#include "sealrow/sql/postgres.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <pg_query/pg_query.pb-c.h>

namespace sealrow::sql::postgres {

// Frees everything at once; a parse allocates thousands of small nodes.
class Arena {
 public:
  void* allocate(std::size_t size);

 private:
  static constexpr std::size_t block_size = 32 * 1024;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
};

// How much of the thread's stack a recursion may still use. The frames of protobuf-c and of sanitizer builds are large
// and not ours, so the stack itself is measured, not the depth.
class StackBudget {
 public:
  StackBudget();
  [[nodiscard]] bool exhausted() const;

 private:
  std::uintptr_t lowest_;
};

class Tree {
 public:
  static Result<Tree> parse(const std::string& text, LexerOptions options);
  [[nodiscard]] const PgQuery__ParseResult& root() const { return *root_; }

 private:
  Tree() : arena_(std::make_unique<Arena>()) {}
  std::unique_ptr<Arena> arena_;
  const PgQuery__ParseResult* root_ = nullptr;
};

// Calls `visit` for each message directly below `message`.
void for_each_child(const ProtobufCMessage& message, const std::function<void(const ProtobufCMessage&)>& visit);

}  // namespace sealrow::sql::postgres
