// The FIFO of expected replies: which request the server's next message answers. The one place that knows how replies,
// errors, skipping to Sync and copy-in are matched (postgres-protocol: message flow, PostgreSQL 18 manual 54.2).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace sealrow::session::postgres {

enum class RequestKind : std::uint8_t {
  query,
  function,
  parse,
  bind,
  describe_statement,
  describe_portal,
  execute,
  close,
  sync,
  copy_end,  // CopyDone or CopyFail: has no reply of its own
};

// forward: the client sees the replies. swallow: they answer a request of our own, or the client was already told of
// an error.
enum class Action : std::uint8_t { forward, swallow };

struct Work;  // what the protected traffic keeps per request

struct Entry {
  RequestKind kind = RequestKind::sync;
  Action action = Action::forward;
  std::shared_ptr<Work> work;
};

// First in, first out, in memory that an idle session does not keep (a std::deque holds 576 bytes when empty).
class EntryFifo {
 public:
  [[nodiscard]] bool empty() const noexcept { return head_ == entries_.size(); }
  [[nodiscard]] std::span<const Entry> all() const noexcept { return std::span(entries_).subspan(head_); }
  [[nodiscard]] std::span<Entry> all() noexcept { return std::span(entries_).subspan(head_); }
  [[nodiscard]] Entry& front() noexcept { return entries_[head_]; }
  void push(Entry entry);
  void pop() noexcept;
  // Drops the waiting entries from number `first` up to `end` that `condition` names.
  template <class Condition>
  void remove_if(std::size_t first, std::size_t end, Condition condition) {
    const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(head_);
    const auto last = begin + static_cast<std::ptrdiff_t>(end);
    entries_.erase(std::remove_if(begin + static_cast<std::ptrdiff_t>(first), last, condition), last);
  }

 private:
  std::vector<Entry> entries_;
  std::size_t head_ = 0;  // entries before it are spent
};

class ReplyQueue {
 public:
  using Dropped = std::function<void(const Entry&)>;

  // A request goes to the server. False: the server will discard it (it skips to Sync, or ignores a Sync in copy-in)
  // and no reply is expected.
  bool sent(Entry entry);
  // ReadyForQuery answers the request: query, function or sync.
  [[nodiscard]] static bool ends_with_ready(RequestKind kind) noexcept {
    return kind == RequestKind::query || kind == RequestKind::function || kind == RequestKind::sync;
  }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.all().size(); }
  [[nodiscard]] Entry* front() noexcept { return entries_.empty() ? nullptr : &entries_.front(); }
  [[nodiscard]] std::span<const Entry> entries() const noexcept { return entries_.all(); }
  // The reply that ends the front request arrived.
  void completed();
  // ErrorResponse for the front request. Entries that the server will never answer are handed to `dropped`.
  void error(const Dropped& dropped);
  // ReadyForQuery. False: nothing waits for it (out of step); entries in front of the next waiter are dropped.
  bool ready(const Dropped& dropped);
  // CopyInResponse for the front request.
  void copy_in();
  // The front request's COPY has ended (CommandComplete) or failed.
  void copy_finished() noexcept { copy_in_ = false; }

  [[nodiscard]] bool skipping() const noexcept { return skipping_; }
  // The server reads copy data and the client has not ended it.
  [[nodiscard]] bool client_copies() const noexcept { return copy_in_ && !copy_ended_; }
  [[nodiscard]] bool copying_in() const noexcept { return copy_in_; }
  // From now on the server's replies up to the next ReadyForQuery are not for the client.
  void swallow_to_ready();

 private:
  void settle();

  EntryFifo entries_;
  bool skipping_ = false;  // the server discards everything up to a Sync that has not been sent yet
  bool copy_in_ = false;
  bool copy_ended_ = false;
};

}  // namespace sealrow::session::postgres
