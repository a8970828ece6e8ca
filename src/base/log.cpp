#include "sealrow/base/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

namespace sealrow::log {
namespace {

struct State {
  std::shared_ptr<spdlog::logger> logger;
  Format format = Format::text;
};

std::atomic<Level> threshold{Level::info};

std::shared_ptr<spdlog::logger> make_logger(spdlog::sink_ptr sink) {
  auto logger = std::make_shared<spdlog::logger>("sealrow", std::move(sink));
  logger->set_pattern("%v");  // the line is made here, so that both formats escape alike
  return logger;
}

State& state() {
  static auto* const instance = new State{make_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>()), Format::text};
  return *instance;
}

std::string_view word(Level level) {
  switch (level) {
    case Level::trace:
      return "trace";
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "error";
}

// JSON string escapes (RFC 8259 section 7), in text lines too: a name from outside must not forge a second line.
void append_escaped(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  const bool utf8 = is_valid_utf8(text);  // JSON is UTF-8; a name from outside may be anything
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !utf8)) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 0x0F];
    } else {
      out += c;
    }
  }
}

std::string timestamp() {
  const auto now = std::chrono::system_clock::now();
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[24];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  return fmt::format("{}.{:03}Z", text, millis);
}

// One `"name":"value"` or ` name="value"`; empty values are left out.
void append_field(std::string& out, Format format, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (format == Format::json) {
    out += out.back() == '{' ? "\"" : ",\"";
    out += name;
    out += "\":\"";
  } else {
    out += ' ';
    out += name;
    out += "=\"";
  }
  append_escaped(out, value);
  out += '"';
}

std::string begin_line(Format format, Level level, std::string_view component, std::string_view message) {
  if (format == Format::text) {
    std::string line = fmt::format("{} {:<5} [{}] ", timestamp(), word(level), component);
    append_escaped(line, message);
    return line;
  }
  std::string line = "{";
  append_field(line, format, "time", timestamp());
  append_field(line, format, "level", word(level));
  append_field(line, format, "component", component);
  append_field(line, format, "message", message);
  return line;
}

void emit(Level level, std::string line) {
  if (state().format == Format::json) line += '}';
  state().logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  if (level >= Level::warn) state().logger->flush();
}

}  // namespace

void configure(Level level, Format format, const std::string& file) {
  spdlog::sink_ptr sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  if (!file.empty()) {
    try {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
    } catch (const spdlog::spdlog_ex& failure) {
      throw Exception(Error{ErrorCode::config_io, "log file cannot be opened", failure.what(), "", file});
    }
  }
  state() = State{make_logger(std::move(sink)), format};
  threshold.store(level, std::memory_order_relaxed);
}

bool enabled(Level level) noexcept { return level >= threshold.load(std::memory_order_relaxed); }

void write(Level level, std::string_view component, std::string_view message) {
  if (enabled(level)) emit(level, begin_line(state().format, level, component, message));
}

void write(Level level, std::string_view component, const Error& error) {
  if (!enabled(level)) return;
  const Format format = state().format;
  std::string line = begin_line(format, level, component, error.message);
  append_field(line, format, "code", error_slug(error.code));
  append_field(line, format, "object", error.object);
  append_field(line, format, "detail", error.detail);
  append_field(line, format, "hint", error.hint);
  emit(level, std::move(line));
}

std::string redacted(std::string_view value) { return fmt::format("<redacted, {} bytes>", value.size()); }

}  // namespace sealrow::log
