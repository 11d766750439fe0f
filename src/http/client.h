#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/async.h"
#include "base/clock.h"
#include "base/error.h"

namespace sockerless::http {

struct ClientRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // Both from when the request has its turn: ClientSettings::connections_per_host go to one host at a time.
  Clock::Duration connect_time = std::chrono::seconds(5);
  Clock::Duration total_time = std::chrono::seconds(60);
  std::size_t response_limit = 64 * 1024 * 1024;
  // Over a kept connection a request is sent once more if the server turns out to have closed it.
  // True for what must not be sent twice.
  bool fresh_connection = false;
  // Receives the body of a 2xx answer piece by piece instead of ClientResponse::body; what it
  // throws ends the transfer and comes out of send().
  std::function<void(std::string_view)> sink;
};

struct ClientResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  bool was_sent_again = false;  // as ClientRequest::fresh_connection tells; the server may have got both

  std::string_view header(std::string_view lower_case_name) const;
};

// No usable answer came. If the request was sent, nothing is known of what the server did with it.
class NoAnswer : public Error {
 public:
  NoAnswer(const std::string& message, bool was_sent) : Error(ErrorKind::unavailable, message), was_sent_(was_sent) {}

  bool was_sent() const { return was_sent_; }

 private:
  bool was_sent_;
};

struct ClientSettings {
  std::string user_agent = "sockerless";
  std::string ca_file;  // PEM; empty for the system's
  long connections_per_host = 16;
};

// HTTP/1.1 client on libcurl: keep-alive connections, TLS with verification, HTTPS_PROXY and
// NO_PROXY. Redirects are not followed. Lives on one loop and must outlive what it sends.
class Client {
 public:
  Client(Executor executor, ClientSettings settings = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Any status is an answer. Throws NoAnswer if none came, saying from where and why.
  Awaitable<ClientResponse> send(ClientRequest request);

 private:
  class Multi;
  std::unique_ptr<Multi> multi_;
};

}  // namespace sockerless::http
