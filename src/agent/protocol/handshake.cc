#include "agent/protocol/handshake.h"

#include <algorithm>
#include <array>

#include "base/sha1.h"
#include "base/websocket.h"

namespace sockerless::agent {

namespace {

constexpr std::string_view kScheme = "Bearer ";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

// "keep-alive, Upgrade" lists two tokens.
bool lists_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (equal_ignoring_case(trim(list.substr(0, comma)), token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

// Bytes that some programs take for the end of a line, or of a text, and others do not (RFC 9110 section 5.5).
bool has_lone_control(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\0' || (head[i] == '\r' && head.substr(i + 1, 1) != "\n")) return true;
  }
  return false;
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace

std::string_view HttpHead::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return {};
}

std::optional<std::size_t> find_head_end(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  return end + 4;
}

std::optional<HttpHead> parse_head(std::string_view head) {
  if (has_lone_control(head)) return std::nullopt;
  const std::string_view line = take_line(head);
  const std::size_t one = line.find(' ');
  if (one == std::string_view::npos || one == 0) return std::nullopt;
  const std::size_t two = std::min(line.find(' ', one + 1), line.size());
  HttpHead parsed{.first = std::string(line.substr(0, one)),
                  .second = std::string(line.substr(one + 1, two - one - 1)),
                  .third = std::string(line.substr(std::min(two + 1, line.size()))),
                  .headers = {}};
  const bool is_http = parsed.first.starts_with("HTTP/1.") || parsed.third.starts_with("HTTP/1.");
  if (!is_http || parsed.second.empty()) return std::nullopt;
  while (!head.empty()) {
    const std::string_view field = take_line(head);
    if (field.empty()) break;
    const std::size_t colon = field.find(':');
    if (colon == std::string_view::npos || colon == 0 || field[0] == ' ' || field[0] == '\t') return std::nullopt;
    parsed.headers.emplace_back(field.substr(0, colon), trim(field.substr(colon + 1)));
  }
  return parsed;
}

std::string make_key(std::string_view sixteen_random_bytes) { return base64(sixteen_random_bytes); }

std::string upgrade_request(const UpgradeRequest& request) {
  std::string out =
      "GET " + request.path + " HTTP/1.1\r\nHost: " + request.host +
      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
      request.key + "\r\nAuthorization: Bearer " + request.token + "\r\n";
  out.append(kContainerHeader).append(": ").append(request.container_id).append("\r\n");
  out.append(kLaunchHeader).append(": ").append(request.launch_id).append("\r\n\r\n");
  return out;
}

std::string upgrade_response(std::string_view key) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         websocket::accept_key(key) + "\r\n\r\n";
}

bool is_upgrade_request(const HttpHead& head) {
  return head.first == "GET" && equal_ignoring_case(head.header("Upgrade"), "websocket") &&
         lists_token(head.header("Connection"), "upgrade") && head.header("Sec-WebSocket-Version") == "13" &&
         head.header("Sec-WebSocket-Key").size() == 24;
}

bool is_upgrade_response(const HttpHead& head, std::string_view key) {
  return head.second == "101" && equal_ignoring_case(head.header("Upgrade"), "websocket") &&
         lists_token(head.header("Connection"), "upgrade") &&
         head.header("Sec-WebSocket-Accept") == websocket::accept_key(key);
}

std::string_view bearer_token(const HttpHead& head) {
  const std::string_view value = head.header("Authorization");
  if (value.size() < kScheme.size() || !equal_ignoring_case(value.substr(0, kScheme.size()), kScheme)) return {};
  return trim(value.substr(kScheme.size()));
}

bool is_same_secret(std::string_view given, std::string_view secret) {
  if (secret.empty()) return false;
  // Every position of the given text is looked at, so that only its own length shows.
  unsigned difference = given.size() == secret.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    difference |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(secret[i % secret.size()]);
  }
  return difference == 0;
}

}  // namespace sockerless::agent
