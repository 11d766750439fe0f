#include "http/router.h"

#include "http/target.h"

namespace sockerless::http {
namespace {

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  while (!path.empty()) {
    const auto slash = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return segments;
}

bool takes_many(std::string_view segment) { return segment.ends_with("*}"); }

std::string_view param_name(std::string_view segment) {
  segment.remove_prefix(1);
  return segment.substr(0, segment.find_first_of("*}"));
}

// Fits the route's segments to the path's; a "{name*}" takes what the others leave.
bool fits(const std::vector<std::string>& route, const std::vector<std::string_view>& path, Router::Params& params) {
  const bool greedy = std::any_of(route.begin(), route.end(), takes_many);
  if (greedy ? path.size() < route.size() : path.size() != route.size()) return false;
  const std::size_t extra = path.size() - route.size();
  std::size_t at = 0;
  for (const std::string& segment : route) {
    if (!segment.starts_with('{')) {
      if (path[at++] != segment) return false;
      continue;
    }
    std::string value = percent_decode(path[at++]);
    if (takes_many(segment)) {
      for (std::size_t i = 0; i < extra; ++i) value += "/" + percent_decode(path[at++]);
    }
    params.emplace_back(param_name(segment), std::move(value));
  }
  return true;
}

}  // namespace

void Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  Route route{std::string(method), std::string(pattern), {}, std::move(handler)};
  for (std::string_view segment : split_path(pattern)) route.segments.emplace_back(segment);
  routes_.push_back(std::move(route));
}

std::optional<Router::Match> Router::match(std::string_view method, std::string_view path) const {
  const auto segments = split_path(path);
  for (const Route& route : routes_) {
    Params params;
    if (route.method == method && fits(route.segments, segments, params)) {
      return Match{&route.handler, std::move(params)};
    }
  }
  return std::nullopt;
}

std::vector<Router::Listing> Router::listing() const {
  std::vector<Listing> rows;
  for (const Route& route : routes_) rows.push_back({route.method, route.pattern});
  return rows;
}

}  // namespace sockerless::http
