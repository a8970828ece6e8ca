#include "reply_queue.hpp"

#include <algorithm>
#include <utility>

namespace sealrow::session::postgres {

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
  entries_.push_back(std::move(entry));
  settle();
  return true;
}

// CopyDone and CopyFail outside of copy-in are dropped by the server without a word.
void ReplyQueue::settle() {
  while (!entries_.empty() && entries_.front().kind == RequestKind::copy_end) entries_.pop_front();
}

void ReplyQueue::completed() {
  if (entries_.empty()) return;
  copy_in_ = false;
  entries_.pop_front();
  settle();
}

void ReplyQueue::error(const Dropped& dropped) {
  copy_in_ = false;
  if (entries_.empty() || ends_with_ready(entries_.front().kind)) return;
  while (!entries_.empty() && entries_.front().kind != RequestKind::sync) {
    dropped(entries_.front());
    entries_.pop_front();
  }
  skipping_ = entries_.empty();
}

bool ReplyQueue::ready(const Dropped& dropped) {
  copy_in_ = false;
  bool in_step = true;
  while (!entries_.empty() && !ends_with_ready(entries_.front().kind)) {
    if (entries_.front().kind != RequestKind::copy_end) in_step = false;
    dropped(entries_.front());
    entries_.pop_front();
  }
  if (entries_.empty()) return false;
  entries_.pop_front();
  settle();
  return in_step;
}

void ReplyQueue::copy_in() {
  copy_in_ = true;
  copy_ended_ = false;
  if (entries_.empty()) return;
  const auto begin = entries_.begin() + 1;
  const auto end = std::find_if(begin, entries_.end(), [](const Entry& e) { return e.kind == RequestKind::copy_end; });
  copy_ended_ = end != entries_.end();
  entries_.erase(std::remove_if(begin, end, [](const Entry& e) { return e.kind == RequestKind::sync; }), end);
}

void ReplyQueue::swallow_to_ready() {
  for (auto& entry : entries_) {
    entry.action = Action::swallow;
    if (ends_with_ready(entry.kind)) return;
  }
}

}  // namespace sealrow::session::postgres
