#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The HTTP part of a connection between agent and daemon: one upgrade request and its answer.
namespace sockerless::agent {

inline constexpr std::string_view kConnectPath = "/internal/v1/agent/connect";
inline constexpr std::string_view kHealthPath = "/health";
inline constexpr std::string_view kContainerHeader = "X-Sockerless-Container";
inline constexpr std::string_view kLaunchHeader = "X-Sockerless-Launch";
inline constexpr std::size_t kMaxHead = 16 * 1024;

// The head of a request or of a response, with the three words of its first line.
struct HttpHead {
  std::string first;   // method, or version
  std::string second;  // target, or status code
  std::string third;   // version, or reason
  std::vector<std::pair<std::string, std::string>> headers;

  // The first header of that name, whatever its case; empty if there is none.
  std::string_view header(std::string_view name) const;
};

// The size of the head at the start of bytes, with the blank line; nothing while it is incomplete.
std::optional<std::size_t> find_head_end(std::string_view bytes);

// Nothing if the head (as find_head_end measured it) is not HTTP/1.1.
std::optional<HttpHead> parse_head(std::string_view head);

// What a client says to become a WebSocket. The key is 16 random bytes in base64.
struct UpgradeRequest {
  std::string host;
  std::string path{kConnectPath};
  std::string key;
  std::string token;
  std::string container_id;
  std::string launch_id;
};

std::string make_key(std::string_view sixteen_random_bytes);

std::string upgrade_request(const UpgradeRequest& request);
std::string upgrade_response(std::string_view key);

// A GET that asks to become a WebSocket of the version that we speak.
bool is_upgrade_request(const HttpHead& head);

// A 101 that answers our key.
bool is_upgrade_response(const HttpHead& head, std::string_view key);

// The token of "Authorization: Bearer TOKEN"; empty if there is none.
std::string_view bearer_token(const HttpHead& head);

// Compares without telling by its duration where the texts differ. An empty secret equals nothing.
bool is_same_secret(std::string_view given, std::string_view secret);

}  // namespace sockerless::agent
