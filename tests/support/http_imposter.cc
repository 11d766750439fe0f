#include "tests/support/http_imposter.h"

#include <fmt/format.h>

#include <array>

#include "tests/support/run.h"

namespace sockerless::test {
namespace {

constexpr std::array<std::string_view, 13> kRememberedHeaders{"accept",          "amz-sdk-invocation-id",
                                                              "amz-sdk-request", "authorization",
                                                              "content-type",    "host",
                                                              "user-agent",      "x-amz-content-sha256",
                                                              "x-amz-date",      "x-amz-security-token",
                                                              "x-amz-target",    "x-registry-auth",
                                                              "content-length"};

constexpr std::size_t kBodyLimit = 64 * 1024 * 1024;

}  // namespace

std::string HttpImposter::Request::header(const std::string& lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? "" : found->second;
}

HttpImposter::HttpImposter(asio::io_context& loop)
    : loop_(loop),
      clock_(loop.get_executor()),
      server_(loop.get_executor(), clock_, [this](http::Exchange& exchange) { return handle(exchange); }) {
  auto listener = std::make_unique<http::Listener>(loop.get_executor(), "127.0.0.1:0");
  port_ = listener->port();
  server_.serve(std::move(listener));
}

HttpImposter::~HttpImposter() { run(loop_, server_.stop(Clock::Duration::zero())); }

std::string HttpImposter::host() const { return fmt::format("127.0.0.1:{}", port_); }

std::string HttpImposter::url() const { return "http://" + host(); }

HttpImposter::Answer HttpImposter::next_for(const std::string& path) {
  for (const auto& [pattern, answer] : by_path_) {
    const std::string_view prefix = std::string_view(pattern).substr(0, pattern.size() - 1);
    if (pattern == path || (pattern.ends_with('*') && path.starts_with(prefix))) return answer;
  }
  if (answers_.empty()) return {.status = 404, .body = R"({"message":"nothing is scripted"})"};
  Answer answer = std::move(answers_.front());
  answers_.pop_front();
  return answer;
}

Awaitable<void> HttpImposter::handle(http::Exchange& exchange) {
  Request request{.method = std::string(exchange.method()), .target = exchange.target()};
  for (const std::string_view name : kRememberedHeaders) {
    const std::string_view value = exchange.header(name);
    if (!value.empty()) request.headers.emplace(name, value);
  }
  request.body = co_await exchange.read_body(kBodyLimit);
  const std::string path = request.target.path();
  requests_.push_back(std::move(request));

  Answer answer = next_for(path);
  if (answer.drop) {
    const auto connection = co_await exchange.take_over("");
    connection->close();
    co_return;
  }
  for (auto& [name, value] : answer.headers) exchange.add_header(name, value);
  exchange.reply_text(static_cast<http::Status>(answer.status), answer.content_type, std::move(answer.body));
}

}  // namespace sockerless::test
