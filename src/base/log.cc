#include "base/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"

namespace sockerless {
namespace {

constexpr std::array<std::string_view, 5> kLevels{"trace", "debug", "info", "warn", "error"};

std::atomic<LogLevel> threshold{LogLevel::info};
std::atomic<LogFormat> output_format{LogFormat::text};

std::string json_line(LogLevel level, std::string_view module, std::string_view text, Logger::Fields fields) {
  json::Writer line;
  line.begin_object();
  line.member("time", format_rfc3339_nano(std::chrono::system_clock::now()));
  line.member("level", kLevels[static_cast<std::size_t>(level)]);
  line.member("module", module);
  line.member("message", text);
  for (const LogField& field : fields) line.member(field.key, field.value);
  line.end_object();
  return line.take() + "\n";
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"=\n\t\r") != std::string_view::npos;
}

std::string text_line(LogLevel level, std::string_view module, std::string_view text, Logger::Fields fields) {
  std::string line = fmt::format("{} {:5} {}: {}", format_rfc3339_nano(std::chrono::system_clock::now()),
                                 kLevels[static_cast<std::size_t>(level)], module, text);
  for (const LogField& field : fields) {
    if (needs_quotes(field.value)) {
      json::Writer quoted;
      quoted.value(std::string_view(field.value));
      line += fmt::format(" {}={}", field.key, quoted.take());
    } else {
      line += fmt::format(" {}={}", field.key, field.value);
    }
  }
  return line + "\n";
}

}  // namespace

LogLevel parse_log_level(std::string_view text) {
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    if (kLevels[i] == text) return static_cast<LogLevel>(i);
  }
  throw Error(ErrorKind::invalid_argument, fmt::format("\"{}\" is not one of trace, debug, info, warn, error", text));
}

LogFormat parse_log_format(std::string_view text) {
  if (text == "text") return LogFormat::text;
  if (text == "json") return LogFormat::json;
  throw Error(ErrorKind::invalid_argument, fmt::format("\"{}\" is not text or json", text));
}

void configure_logging(LogLevel level, LogFormat format) {
  threshold = level;
  output_format = format;
}

void Logger::write(LogLevel level, std::string_view text, Fields fields) const {
  if (level < threshold.load(std::memory_order_relaxed)) return;
  const std::string line = output_format == LogFormat::json ? json_line(level, module_, text, fields)
                                                            : text_line(level, module_, text, fields);
  // One write a line keeps lines of several threads apart; a full disk must not stop the daemon.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace sockerless
