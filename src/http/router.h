#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.h"

namespace sockerless::http {

class Exchange;

using Handler = std::function<Awaitable<void>(Exchange&)>;

// Maps a method and a path pattern to a handler. "{name}" takes one segment of the path,
// "{name*}" as many as fit (names of images have slashes). The first match in the order of adding
// wins.
class Router {
 public:
  void add(std::string_view method, std::string_view pattern, Handler handler);
  void get(std::string_view pattern, Handler handler) { add("GET", pattern, std::move(handler)); }
  void head(std::string_view pattern, Handler handler) { add("HEAD", pattern, std::move(handler)); }
  void post(std::string_view pattern, Handler handler) { add("POST", pattern, std::move(handler)); }
  void put(std::string_view pattern, Handler handler) { add("PUT", pattern, std::move(handler)); }
  void del(std::string_view pattern, Handler handler) { add("DELETE", pattern, std::move(handler)); }

  using Params = std::vector<std::pair<std::string, std::string>>;

  struct Match {
    const Handler* handler;
    Params params;  // decoded
  };

  // `path` is still encoded.
  std::optional<Match> match(std::string_view method, std::string_view path) const;

  struct Listing {
    std::string method;
    std::string pattern;
  };
  // Every route, in the order of adding: the API coverage page is generated from it.
  std::vector<Listing> listing() const;

 private:
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<std::string> segments;
    Handler handler;
  };

  std::vector<Route> routes_;
};

}  // namespace sockerless::http
