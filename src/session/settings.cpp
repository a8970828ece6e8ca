#include "settings.hpp"

#include <algorithm>
#include <array>

namespace sealrow::session {

bool SettingsTracker::changes_names(std::string_view setting) noexcept {
  constexpr std::array<std::string_view, 5> names{"search_path", "role", "session_authorization",
                                                  "standard_conforming_strings", "client_encoding"};
  return std::ranges::find(names, setting) != names.end();
}

const std::string* SettingsTracker::Values::find(std::string_view name) const noexcept {
  for (const auto& [known, value] : entries_) {
    if (known == name) return &value;
  }
  return nullptr;
}

void SettingsTracker::Values::set(std::string_view name, std::string value) {
  for (auto& entry : entries_) {
    if (entry.first != name) continue;
    entry.second = std::move(value);
    return;
  }
  entries_.emplace_back(name, std::move(value));
}

void SettingsTracker::Values::erase(std::string_view name) {
  std::erase_if(entries_, [&](const auto& entry) { return entry.first == name; });
}

SettingsTracker::Transaction& SettingsTracker::transaction() {
  if (!transaction_) transaction_ = std::make_unique<Transaction>(Transaction{now_, {}});
  return *transaction_;
}

SettingsTracker::State& SettingsTracker::change() {
  (void)transaction();
  return now_;
}

std::optional<std::string> SettingsTracker::get(std::string_view name) const {
  if (std::ranges::find(now_.hidden, name) != now_.hidden.end()) return std::nullopt;
  if (const std::string* value = now_.local.find(name)) return *value;
  if (const std::string* value = now_.session.find(name)) return *value;
  return std::nullopt;
}

void SettingsTracker::reported(const std::string& name, std::optional<std::string> value, Origin origin) {
  // The value in force; how long it lasts is known only for what this session set itself.
  ++version_;
  State& state = origin == Origin::start ? now_ : change();
  std::erase(state.hidden, name);
  Values& where = state.local.find(name) != nullptr ? state.local : state.session;
  if (value)
    where.set(name, *value);
  else
    where.erase(name);
  if (origin != Origin::start) return;
  if (value) defaults_.set(name, std::move(*value));
  if (transaction_) transaction_->before = now_;
}

void SettingsTracker::set(const std::string& name, const std::optional<std::string>& value, Span span) {
  ++version_;
  if (changes_names(name)) {
    names_touched_ = stale_ = true;
  }
  std::optional<std::string> effective = value;
  if (!effective) {
    if (const std::string* standard = defaults_.find(name)) effective = *standard;
  }
  State& state = change();
  std::erase(state.hidden, name);
  state.local.erase(name);
  if (span == Span::transaction) {
    if (effective)
      state.local.set(name, std::move(*effective));
    else
      state.hidden.push_back(name);
  } else if (effective) {
    state.session.set(name, std::move(*effective));
  } else {
    state.session.erase(name);
  }
}

void SettingsTracker::reset_all() {
  ++version_;
  change() = State{defaults_, {}, {}};
  names_touched_ = stale_ = true;
}

void SettingsTracker::touch() {
  if (names_touched_) stale_ = true;
}

void SettingsTracker::savepoint(const std::string& name) { transaction().savepoints.push_back({name, now_}); }

void SettingsTracker::release(const std::string& name) {
  if (!transaction_) return;
  auto& savepoints = transaction_->savepoints;
  for (std::size_t i = savepoints.size(); i-- > 0;) {
    if (savepoints[i].name == name) {
      savepoints.resize(i);
      return;
    }
  }
}

void SettingsTracker::rollback_to(const std::string& name) {
  for (std::size_t i = transaction_ ? transaction_->savepoints.size() : 0; i-- > 0;) {
    auto& savepoints = transaction_->savepoints;
    if (savepoints[i].name == name) {
      ++version_;
      now_ = savepoints[i].state;
      savepoints.resize(i + 1);
      touch();
      return;
    }
  }
  stale_ = true;  // a savepoint that was made out of sight
}

void SettingsTracker::end_transaction() {
  ++version_;
  touch();
  names_touched_ = false;
  transaction_.reset();
}

void SettingsTracker::commit() {
  now_.local.clear();
  now_.hidden.clear();
  end_transaction();
}

void SettingsTracker::rollback() {
  if (transaction_) now_ = std::move(transaction_->before);
  now_.local.clear();
  now_.hidden.clear();
  end_transaction();
}

void SettingsTracker::ready(char status, bool failed) {
  if (status != 'I') return;
  if (failed)
    rollback();
  else
    commit();
}

}  // namespace sealrow::session
