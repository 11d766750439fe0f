#pragma once

#include <boost/asio/io_context.hpp>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/async.h"
#include "base/clock.h"
#include "http/server.h"

namespace sockerless::test {

// Stands in for a remote HTTP service: a real server on a free loopback port that gives scripted
// answers and remembers what it was asked.
class HttpImposter {
 public:
  struct Request {
    std::string method;
    http::Target target;
    std::map<std::string, std::string> headers;  // those that tests look at; lower-case names
    std::string body;

    // "" if there was none.
    std::string header(const std::string& lower_case_name) const;
  };

  struct Answer {
    int status = 200;
    std::string body;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;
    bool drop = false;  // close the connection instead of answering
  };

  explicit HttpImposter(asio::io_context& loop);
  ~HttpImposter();  // runs the loop until the server has stopped

  // "http://127.0.0.1:PORT"
  std::string url() const;
  std::string host() const;  // "127.0.0.1:PORT"

  // The next request that no path below answers gets it; each is given once, in this order.
  void answer(Answer answer) { answers_.push_back(std::move(answer)); }
  // Every request for the path gets it. "*" at the end of the path stands for anything.
  void on(std::string path, Answer answer) { by_path_[std::move(path)] = std::move(answer); }

  const std::vector<Request>& requests() const { return requests_; }

 private:
  Awaitable<void> handle(http::Exchange& exchange);
  Answer next_for(const std::string& path);

  asio::io_context& loop_;
  SystemClock clock_;
  std::deque<Answer> answers_;
  std::map<std::string, Answer> by_path_;
  std::vector<Request> requests_;
  int port_ = 0;
  http::Server server_;
};

}  // namespace sockerless::test
