#include "settings.hpp"

#include <algorithm>
#include <array>

namespace sealrow::session {

bool SettingsTracker::changes_names(std::string_view setting) noexcept {
  constexpr std::array<std::string_view, 5> names{"search_path", "role", "session_authorization",
                                                  "standard_conforming_strings", "client_encoding"};
  return std::ranges::find(names, setting) != names.end();
}

std::optional<std::string> SettingsTracker::get(std::string_view name) const {
  if (std::ranges::find(now_.hidden, name) != now_.hidden.end()) return std::nullopt;
  if (const auto it = now_.local.find(name); it != now_.local.end()) return it->second;
  if (const auto it = now_.session.find(name); it != now_.session.end()) return it->second;
  return std::nullopt;
}

void SettingsTracker::reported(const std::string& name, std::optional<std::string> value, Origin origin) {
  // The value in force; how long it lasts is known only for what this session set itself.
  ++version_;
  std::erase(now_.hidden, name);
  Values& where = now_.local.contains(name) ? now_.local : now_.session;
  if (value)
    where[name] = *value;
  else
    where.erase(name);
  if (origin == Origin::start) {
    if (value) defaults_[name] = *value;
    before_ = now_;
  }
}

void SettingsTracker::set(const std::string& name, const std::optional<std::string>& value, Span span) {
  ++version_;
  if (changes_names(name)) {
    names_touched_ = stale_ = true;
  }
  std::optional<std::string> effective = value;
  if (!effective) {
    if (const auto it = defaults_.find(name); it != defaults_.end()) effective = it->second;
  }
  std::erase(now_.hidden, name);
  now_.local.erase(name);
  if (span == Span::transaction) {
    if (effective)
      now_.local[name] = *effective;
    else
      now_.hidden.push_back(name);
  } else if (effective) {
    now_.session[name] = *effective;
  } else {
    now_.session.erase(name);
  }
}

void SettingsTracker::reset_all() {
  ++version_;
  now_ = State{defaults_, {}, {}};
  names_touched_ = stale_ = true;
}

void SettingsTracker::touch() {
  if (names_touched_) stale_ = true;
}

void SettingsTracker::savepoint(const std::string& name) { savepoints_.push_back({name, now_}); }

void SettingsTracker::release(const std::string& name) {
  for (std::size_t i = savepoints_.size(); i-- > 0;) {
    if (savepoints_[i].name == name) {
      savepoints_.resize(i);
      return;
    }
  }
}

void SettingsTracker::rollback_to(const std::string& name) {
  for (std::size_t i = savepoints_.size(); i-- > 0;) {
    if (savepoints_[i].name == name) {
      ++version_;
      now_ = savepoints_[i].state;
      savepoints_.resize(i + 1);
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
  savepoints_.clear();
  before_ = now_;
}

void SettingsTracker::commit() {
  now_.local.clear();
  now_.hidden.clear();
  end_transaction();
}

void SettingsTracker::rollback() {
  now_ = before_;
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
