#include "cloud/front/front_door.h"

#include "base/id.h"
#include "base/log.h"
#include "cloud/front/api_error.h"
#include "cloud/front/sts.h"

namespace sockerless::cloud {
namespace {

const Logger log("front");

constexpr std::size_t kBodyLimit = 16 * 1024 * 1024;
constexpr std::string_view kJson = "application/x-amz-json-1.1";
using HeaderList = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

bool starts_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

// Only the headers that a signature can name; `authorization` and what it lists.
HeaderList headers_of(const http::Exchange& exchange) {
  HeaderList headers;
  const auto take = [&](std::string name) {
    const auto value = exchange.header(name);
    if (!value.empty()) headers.emplace_back(std::move(name), std::string(value));
  };
  take("authorization");
  take("x-amz-date");
  take("x-amz-security-token");
  const std::string_view authorization = exchange.header("authorization");
  constexpr std::string_view kList = "SignedHeaders=";
  const auto at = authorization.find(kList);
  if (at == std::string_view::npos) return headers;
  std::string_view list = authorization.substr(at + kList.size());
  list = list.substr(0, list.find_first_of(", "));
  while (!list.empty()) {
    const auto end = std::min(list.find(';'), list.size());
    const std::string name(list.substr(0, end));
    if (name != "x-amz-date" && name != "x-amz-security-token") take(name);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return headers;
}

json::Value parse_body(const std::string& body) {
  try {
    return json::parse_value(body.empty() ? "{}" : body);
  } catch (const Error&) {
    throw serialization_exception("");
  }
}

}  // namespace

Awaitable<void> FrontDoor::handle(http::Exchange& exchange) {
  const std::string request_id = random_uuid();
  exchange.add_header("Server", "Server");
  exchange.add_header("x-amzn-RequestId", request_id);
  if (faults_.clock_skew() != Clock::Duration::zero()) exchange.set_date(now());
  // A client that leaves must not leave half a mutation behind; no operation waits long.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());

  std::string reply;
  http::Status status = http::Status::ok;
  try {
    std::string body = co_await exchange.read_body(kBodyLimit);
    if (faults_.drops_request()) {
      co_await drop(exchange);
      co_return;
    }
    if (starts_with(exchange.header("Content-Type"), kForm)) {
      answer_sts(exchange, std::move(body), request_id);
      co_return;
    }
    reply = co_await answer_json(exchange, std::move(body));
  } catch (const boost::system::system_error&) {
    throw;  // the connection broke: nobody is left to be told
  } catch (const std::exception& failure) {
    const ApiError error = to_api_error(failure);
    if (error.status() >= 500) {
      log.error("request failed", {{"target", exchange.header("X-Amz-Target")}, {"error", failure.what()}});
    }
    exchange.add_header("x-amzn-ErrorType", error.code());
    status = static_cast<http::Status>(error.status());
    reply = error_body(error);
  }
  if (faults_.drops_answer()) {
    co_await drop(exchange);
    co_return;
  }
  exchange.reply_text(status, kJson, std::move(reply));
  log.debug("answered", {{"target", exchange.header("X-Amz-Target")}, {"status", static_cast<int>(status)}});
}

Awaitable<std::string> FrontDoor::answer_json(http::Exchange& exchange, std::string body) {
  if (exchange.method() != "POST" || exchange.target().path() != "/") throw unknown_operation();
  json::Value request = parse_body(body);
  const Target target = find(exchange.header("X-Amz-Target"));
  verify(exchange, std::move(body), target.service->signing_name());
  faults_.before_operation(target.service->signing_name(), target.name);
  co_return co_await (*target.operation)(std::move(request));
}

void FrontDoor::answer_sts(http::Exchange& exchange, std::string body, const std::string& request_id) {
  try {
    const Session* session = verify(exchange, body, "sts");
    const std::string caller =
        session != nullptr ? assumed_role_arn(*session, identity_.account) : identity_.caller_arn();
    faults_.before_operation("sts", "GetCallerIdentity");
    exchange.reply_text(http::Status::ok, "text/xml", sts_answer(body, {identity_.account, caller}, request_id));
  } catch (const Error& failure) {
    const ApiError error = to_api_error(failure);
    exchange.reply_text(static_cast<http::Status>(sts_error_status(error)), "text/xml",
                        sts_error_body(error, request_id));
  }
}

FrontDoor::Target FrontDoor::find(std::string_view target) const {
  const auto dot = target.find('.');
  for (const Service& service : services_) {
    if (dot == std::string_view::npos || target.substr(0, dot) != service.target_prefix()) continue;
    const auto* operation = service.find(target.substr(dot + 1));
    if (operation != nullptr) return {&service, operation, std::string(target.substr(dot + 1))};
  }
  throw unknown_operation();
}

const Session* FrontDoor::verify(const http::Exchange& exchange, std::string body, std::string_view service) const {
  SignedRequest request;
  request.method = std::string(exchange.method());
  request.path = exchange.target().path();
  request.headers = headers_of(exchange);
  request.body = std::move(body);
  return verifier_.verify(request, service, now());
}

Time FrontDoor::now() const { return clock_.now() + std::chrono::duration_cast<Time::duration>(faults_.clock_skew()); }

// The client sees its connection end without an answer.
Awaitable<void> FrontDoor::drop(http::Exchange& exchange) {
  const auto connection = co_await exchange.take_over("");
  connection->close();
}

}  // namespace sockerless::cloud
