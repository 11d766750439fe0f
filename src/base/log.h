#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace sockerless {

// error: the operator must act · warn: degraded · info: one line per container transition ·
// debug: one line per AWS call · trace: frames.
enum class LogLevel { trace, debug, info, warn, error };
enum class LogFormat { text, json };

LogLevel parse_log_level(std::string_view text);    // throws Error(invalid_argument)
LogFormat parse_log_format(std::string_view text);  // throws Error(invalid_argument)

// For the whole process; lines go to standard error. Set once, before the first thread.
void configure_logging(LogLevel level, LogFormat format);

struct LogField {
  LogField(std::string_view key, std::string_view value) : key(key), value(value) {}
  LogField(std::string_view key, const char* value) : key(key), value(value) {}
  LogField(std::string_view key, const std::string& value) : key(key), value(value) {}
  template <typename T>
  LogField(std::string_view key, const T& value) : key(key), value(fmt::format("{}", value)) {}

  std::string_view key;
  std::string value;
};

// One per module: a fixed lower-case sentence, and what varies in fields.
class Logger {
 public:
  using Fields = std::initializer_list<LogField>;

  explicit constexpr Logger(std::string_view module) : module_(module) {}

  void trace(std::string_view text, Fields f = {}) const { write(LogLevel::trace, text, f); }
  void debug(std::string_view text, Fields f = {}) const { write(LogLevel::debug, text, f); }
  void info(std::string_view text, Fields f = {}) const { write(LogLevel::info, text, f); }
  void warn(std::string_view text, Fields f = {}) const { write(LogLevel::warn, text, f); }
  void error(std::string_view text, Fields f = {}) const { write(LogLevel::error, text, f); }

 private:
  void write(LogLevel level, std::string_view text, Fields fields) const;

  std::string_view module_;
};

}  // namespace sockerless
