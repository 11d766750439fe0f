#include "docker/api.h"

#include <fmt/format.h>

#include <charconv>

#include "base/log.h"
#include "docker/http_error.h"

namespace sockerless::docker {
namespace {

const Logger log("api");

constexpr std::size_t kLongestJson = 16 * 1024 * 1024;

struct ErrorBody {
  std::string message;
  static constexpr auto fields() { return std::tuple{json::field("message", &ErrorBody::message)}; }
};

// Go clients compare the content type with ==, so it carries no charset.
void reply_error(http::Exchange& exchange, const Error& error) {
  const http::Status status = status_of(error.kind());
  if (error.kind() == ErrorKind::not_modified) {
    exchange.reply(status);
    return;
  }
  if (error.kind() == ErrorKind::internal) {
    log.error("request failed", {{"path", exchange.target().path()}, {"error", error.what()}});
  }
  exchange.reply_json(status, ErrorBody{error.what()});
}

// moby's router sends "/containers//web/json" (a name with its slash) to the path without the
// doubled slash.
void redirect_to_clean_path(http::Exchange& exchange) {
  std::string location = exchange.target().text();
  for (auto at = location.find("//"); at != std::string::npos; at = location.find("//")) {
    location.erase(at, 1);
  }
  exchange.add_header("Location", location);
  exchange.reply_text(http::Status::moved_permanently, "text/html; charset=utf-8",
                      fmt::format("<a href=\"{}\">Moved Permanently</a>.\n\n", location));
}

}  // namespace

Api::Api(ApiServices services) : services_(std::move(services)) {
  add_system_routes(router_, services_);
  add_attach_routes(router_, services_);
  add_exec_routes(router_, services_);
  add_log_routes(router_, services_);
  add_statistics_routes(router_, services_);
  add_archive_routes(router_, services_);
  add_container_routes(router_, services_);
  add_event_routes(router_, services_);
  add_image_action_routes(router_, services_);
  add_image_routes(router_, services_);
  add_container_update_routes(router_, services_);
  add_registry_routes(router_, services_);
  add_disk_usage_routes(router_, services_);
  add_build_routes(router_, services_);
  add_network_routes(router_, services_);
  add_volume_routes(router_, services_);
  add_swarm_routes(router_, services_);
}

Awaitable<void> Api::handle(http::Exchange& exchange) {
  exchange.add_header_lines(common_headers());
  try {
    std::string path = exchange.target().path();
    if (path.find("//") != std::string::npos) {
      redirect_to_clean_path(exchange);
      co_return;
    }
    const ApiVersion version = take_version(path);
    auto match = router_.match(exchange.method(), path);
    if (!match) throw Error(ErrorKind::not_found, "page not found");
    match->params.emplace_back("version", version.text());
    exchange.set_params(std::move(match->params));
    co_await (*match->handler)(exchange);
  } catch (const Error& error) {
    // Behind a started stream there is no place for an error any more: it ends short.
    if (exchange.has_replied()) throw;
    reply_error(exchange, error);
  }
}

const std::string& common_headers() {
  static const std::string lines = fmt::format(
      "Api-Version: {}\r\nDocker-Experimental: false\r\nOstype: linux\r\n"
      "Server: Docker/{} (linux)\r\n",
      kNewest.text(), kEngineVersion);
  return lines;
}

ApiVersion version_of(const http::Exchange& exchange) {
  const std::string& text = exchange.param("version");
  const auto dot = text.find('.');
  ApiVersion version;
  std::from_chars(text.data(), text.data() + dot, version.major);
  std::from_chars(text.data() + dot + 1, text.data() + text.size(), version.minor);
  return version;
}

bool is_set(const http::Exchange& exchange, std::string_view name) {
  std::string value = exchange.query(name).value_or("");
  for (char& c : value) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return !value.empty() && value != "0" && value != "no" && value != "false" && value != "none";
}

int parse_number(std::string_view text) {
  int number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) {
    throw Error(ErrorKind::invalid_argument, fmt::format("strconv.Atoi: parsing \"{}\": invalid syntax", text));
  }
  return number;
}

core::TerminalSize terminal_size(const http::Exchange& exchange) {
  const auto parse = [&](const char* name, const char* what) {
    const std::string text = exchange.query(name).value_or("");
    std::uint16_t value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) {
      const char* why = ec == std::errc::result_out_of_range ? "value out of range" : "invalid syntax";
      throw Error(ErrorKind::invalid_argument, fmt::format("invalid resize {} \"{}\": {}", what, text, why));
    }
    return static_cast<int>(value);
  };
  const int rows = parse("h", "height");
  return {.rows = rows, .columns = parse("w", "width")};
}

Awaitable<std::string> read_json_text(http::Exchange& exchange) {
  const std::string content_type(exchange.header("Content-Type"));
  std::string text = co_await exchange.read_body(kLongestJson);
  if (content_type.substr(0, content_type.find(';')) != "application/json") {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("unsupported Content-Type header ({}): must be 'application/json'", content_type));
  }
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw Error(ErrorKind::invalid_argument, "invalid JSON: got EOF while reading request body");
  }
  co_return text;
}

}  // namespace sockerless::docker
