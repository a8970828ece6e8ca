#include "reply_queue.hpp"

#include <algorithm>
#include <utility>

namespace sealrow::session::postgres {

namespace {

// Of the queue of this thread that ran dry last: the next one to fill takes it. Idle sessions keep nothing.
thread_local std::vector<Entry> spare;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

}  // namespace

void EntryFifo::push(Entry entry) {
  if (entries_.capacity() == 0) entries_.swap(spare);
  entries_.push_back(std::move(entry));
}

void EntryFifo::pop() noexcept {
  constexpr std::size_t kept = 64;          // a pipeline's worth
  constexpr std::size_t worth_moving = 64;  // a pipeline that never runs dry
  entries_[head_++].work.reset();
  if (empty()) {
    head_ = 0;
    entries_.clear();
    if (spare.capacity() == 0 && entries_.capacity() <= kept) entries_.swap(spare);
    if (entries_.capacity() != 0) entries_.shrink_to_fit();
  } else if (head_ >= worth_moving && 2 * head_ >= entries_.size()) {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

bool ReplyQueue::sent(Entry entry) {
  if (skipping_) {
    if (entry.kind != RequestKind::sync) return false;
    skipping_ = false;
  }
  if (client_copies()) {
    // Sync and Flush inside copy-in are ignored by the server; any other request makes the COPY fail.
    if (entry.kind == RequestKind::sync) return false;
    if (entry.kind == RequestKind::copy_end) copy_ended_ = true;
  }
  entries_.push(std::move(entry));
  settle();
  return true;
}

// CopyDone and CopyFail outside of copy-in are dropped by the server without a word.
void ReplyQueue::settle() {
  while (!entries_.empty() && entries_.front().kind == RequestKind::copy_end) entries_.pop();
}

void ReplyQueue::completed() {
  if (entries_.empty()) return;
  copy_in_ = false;
  entries_.pop();
  settle();
}

void ReplyQueue::error(const Dropped& dropped) {
  copy_in_ = false;
  if (entries_.empty() || ends_with_ready(entries_.front().kind)) return;
  while (!entries_.empty() && entries_.front().kind != RequestKind::sync) {
    dropped(entries_.front());
    entries_.pop();
  }
  skipping_ = entries_.empty();
}

bool ReplyQueue::ready(const Dropped& dropped) {
  copy_in_ = false;
  bool in_step = true;
  while (!entries_.empty() && !ends_with_ready(entries_.front().kind)) {
    if (entries_.front().kind != RequestKind::copy_end) in_step = false;
    dropped(entries_.front());
    entries_.pop();
  }
  if (entries_.empty()) return false;
  entries_.pop();
  settle();
  return in_step;
}

void ReplyQueue::copy_in() {
  copy_in_ = true;
  copy_ended_ = false;
  if (entries_.empty()) return;
  const auto all = entries_.all();
  const auto end = std::ranges::find(all.begin() + 1, all.end(), RequestKind::copy_end, &Entry::kind);
  copy_ended_ = end != all.end();
  entries_.remove_if(1, static_cast<std::size_t>(end - all.begin()),
                     [](const Entry& e) { return e.kind == RequestKind::sync; });
}

void ReplyQueue::swallow_to_ready() {
  for (auto& entry : entries_.all()) {
    entry.action = Action::swallow;
    if (ends_with_ready(entry.kind)) return;
  }
}

}  // namespace sealrow::session::postgres
