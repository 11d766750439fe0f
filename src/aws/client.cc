#include "aws/client.h"

#include <fmt/format.h>

#include "aws/xml.h"
#include "base/crash_point.h"
#include "base/id.h"
#include "base/log.h"

namespace sockerless::aws {
namespace {

const Logger log("aws");

constexpr auto kSkewThatMatters = std::chrono::minutes(4);
constexpr std::size_t kQuotedBody = 200;

// The parts of an error's body that JSON services use.
struct ErrorBody {
  std::string type;
  std::string code;
  std::string message;

  static constexpr auto fields() {
    return std::tuple{json::field("__type", &ErrorBody::type), json::field("code", &ErrorBody::code),
                      json::field("message", &ErrorBody::message)};  // "Message" too: case does not matter
  }
};

ErrorBody parse_error_body(const http::ClientResponse& response) {
  if (response.body.starts_with('<')) {
    return {.code = xml_text(response.body, "Code"), .message = xml_text(response.body, "Message")};
  }
  try {
    return json::parse<ErrorBody>(response.body);
  } catch (const Error&) {
    // Not AWS's own words: a proxy's, or another program at that address.
    return {.message = response.body.substr(0, kQuotedBody)};
  }
}

// Inside a handler.
template <typename E>
[[noreturn]] void rethrow(const E& error, bool is_open) {
  if (is_open) throw Open<E>(error);
  throw;
}

std::string request_id_of(const http::ClientResponse& response) {
  const std::string_view id = response.header("x-amzn-requestid");
  if (!id.empty()) return std::string(id);
  const std::string in_body = xml_text(response.body, "RequestId");
  return in_body.empty() ? xml_text(response.body, "RequestID") : in_body;  // EC2 spells it so
}

}  // namespace

struct Client::Call {
  const Service* service;
  std::string operation;
  std::string content_type;
  std::string target;  // of JSON services
  std::string body;
  Repeat repeat = Repeat::yes;
  std::string invocation_id = random_uuid();
  bool may_be_done = false;  // by an attempt that failed
};

// What came of sending a request once: an answer or a reason for there being none.
struct Client::Attempt {
  std::optional<http::ClientResponse> response;
  std::optional<NoAnswer> failure;
  Time begun_at;  // by this machine's clock
  Time signed_at;
  std::string credentials_source;
  Clock::Duration took{0};
};

Client::Client(http::Client& transport, Clock& clock, CredentialsProvider& credentials, ClientSettings settings)
    : transport_(transport),
      clock_(clock),
      credentials_(credentials),
      settings_(std::move(settings)),
      rates_(clock, settings_.rates) {
  if (!settings_.jitter) settings_.jitter = random_jitter();
  // Throws early if one is none.
  if (!settings_.endpoints.url.empty()) parse_endpoint(settings_.endpoints.url);
  for (const auto& [service, url] : settings_.endpoints.urls) {
    if (!url.empty()) parse_endpoint(url);
  }
}

Awaitable<std::string> Client::call_json(const Service& service, std::string operation, std::string body,
                                         Repeat repeat) {
  Call call{.service = &service,
            .operation = operation,
            .content_type = "application/x-amz-json-1.1",
            .target = fmt::format("{}.{}", service.target_prefix, operation),
            .body = std::move(body),
            .repeat = repeat};
  return send(std::move(call));
}

Awaitable<std::string> Client::call_query(const Service& service, std::string operation, std::string parameters) {
  Call call{.service = &service,
            .operation = std::move(operation),
            .content_type = "application/x-www-form-urlencoded; charset=utf-8",
            .body = std::move(parameters)};
  return send(std::move(call));
}

Awaitable<std::string> Client::send(Call call) {
  try {
    co_return co_await send_until_settled(call);
  } catch (const ApiError& error) {
    rethrow(error, call.may_be_done);
  } catch (const NoAnswer& error) {
    rethrow(error, call.may_be_done);
  } catch (const Error& error) {
    rethrow(error, call.may_be_done);
  }
}

Awaitable<std::string> Client::send_until_settled(Call& call) {
  int corrections = 0;  // of the clock; more than one if it is set while the call is repeated
  for (int number = 1;; ++number) {
    co_await rates_.acquire(call.operation, settings_.quota_wait);
    Attempt made = co_await attempt(call, number);

    if (made.failure) {
      report(call, made, number, nullptr);
      if (made.failure->was_sent()) call.may_be_done = true;
      const bool may_repeat = !made.failure->was_sent() || call.repeat == Repeat::yes;
      if (may_repeat && co_await wait_to_retry(number, RetryBudget::Cause::no_answer)) continue;
      throw unreachable(call, *made.failure);
    }
    if (made.response->was_sent_again) call.may_be_done = true;
    if (made.response->status == 200) {
      report(call, made, number, nullptr);
      if (number == 1) budget_.give_back_one();
      co_return std::move(made.response->body);
    }
    const ApiError::Facts facts = refusal(call, made, number);
    report(call, made, number, &facts);
    if (!is_refusal(facts)) call.may_be_done = true;
    if (corrections < settings_.attempts && correct_clock(facts, made, corrections > 0)) {
      ++corrections;
      --number;  // the clock's fault, not the call's
      continue;
    }
    const bool may_pass = is_throttling(facts.code, facts.text) || is_transient(facts.code, facts.http_status);
    if (may_pass && co_await wait_to_retry(number, RetryBudget::Cause::answered)) continue;
    throw ApiError(facts);
  }
}

Awaitable<Client::Attempt> Client::attempt(const Call& call, int number) {
  const Credentials credentials = co_await credentials_.get();
  const Time now = clock_.now();
  Attempt made{.begun_at = now, .signed_at = now + clock_offset_, .credentials_source = credentials.source};
  const auto begun = clock_.steady_now();
  crash_point("before", call.operation);
  try {
    made.response = co_await transport_.send(signed_request(call, credentials, made.signed_at, number));
  } catch (const NoAnswer& error) {
    made.failure = error;
  }
  crash_point("after", call.operation);
  made.took = clock_.steady_now() - begun;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(made.took);
  log.debug("call", {{"operation", call.operation},
                     {"status", made.response ? std::to_string(made.response->status) : made.failure->what()},
                     {"request_id", made.response ? request_id_of(*made.response) : ""},
                     {"attempt", number},
                     {"milliseconds", took.count()}});
  co_return made;
}

http::ClientRequest Client::signed_request(const Call& call, const Credentials& credentials, Time time,
                                           int number) const {
  const EndpointUrl to = endpoint(*call.service);
  HeaderList headers{{"Content-Type", call.content_type},
                     {"amz-sdk-invocation-id", call.invocation_id},
                     {"amz-sdk-request", fmt::format("attempt={}; max={}", number, settings_.attempts)}};
  if (!call.target.empty()) headers.emplace_back("X-Amz-Target", call.target);

  SignableRequest signable{.headers = headers, .body = call.body};
  signable.headers.emplace_back("Host", to.host);  // the transport sends it by itself
  Signature signature =
      sign_headers(signable, credentials, {settings_.region, std::string(call.service->signing_name), time});
  for (auto& addition : signature.additions) headers.push_back(std::move(addition));
  return {.method = "POST",
          .url = to.origin + "/",
          .headers = std::move(headers),
          .body = call.body,
          .connect_time = settings_.connect_time,
          .total_time = settings_.total_time,
          .fresh_connection = call.repeat == Repeat::only_if_unsent};
}

ApiError::Facts Client::refusal(const Call& call, const Attempt& attempt, int number) const {
  const http::ClientResponse& response = *attempt.response;
  const ErrorBody body = parse_error_body(response);
  const std::string_view raw_code = !body.type.empty()                             ? body.type
                                    : !response.header("x-amzn-errortype").empty() ? response.header("x-amzn-errortype")
                                                                                   : std::string_view(body.code);
  std::string code = sanitized_code(raw_code);
  if (code.empty()) code = fmt::format("HTTP {}", response.status);
  return {.operation = call.operation,
          .code = std::move(code),
          .text = body.message,
          .request_id = request_id_of(response),
          .http_status = response.status,
          .credentials_source = attempt.credentials_source,
          .attempts = number};
}

// `refusal`: what AWS said instead of 200.
void Client::report(const Call& call, const Attempt& attempt, int number, const ApiError::Facts* refusal) {
  const std::string result = attempt.failure ? "no answer" : refusal == nullptr ? "ok" : refusal->code;
  statistics_.add(call.operation, result, std::chrono::duration<double>(attempt.took).count());
  if (!observer_) return;
  const std::string text = attempt.failure ? attempt.failure->what() : refusal == nullptr ? "" : refusal->text;
  const std::string request_id = attempt.response ? request_id_of(*attempt.response) : "";
  observer_({.at = attempt.begun_at,
             .operation = call.operation,
             .request = call.body,
             .answer = result == "ok" ? std::string_view(attempt.response->body) : "",
             .result = result,
             .text = text,
             .request_id = request_id,
             .attempt = number,
             .took = attempt.took});
}

// True if the refusal came of a clock that is off and later calls will be signed with AWS's time.
bool Client::correct_clock(const ApiError::Facts& facts, const Attempt& attempt, bool was_corrected) {
  if (!may_be_clock_skew(facts.code)) return false;
  const auto server_time = parse_http_date(attempt.response->header("date"));
  if (!server_time) return false;
  // Where AWS's own time has been refused, only another time can help.
  const bool says_so = !was_corrected && (facts.text.starts_with("Signature expired") ||
                                          facts.text.starts_with("Signature not yet current"));
  if (!says_so && std::chrono::abs(*server_time - attempt.signed_at) < kSkewThatMatters) return false;
  clock_offset_ = *server_time - clock_.now();
  log.warn("this machine's clock differs from AWS's; signing with AWS's time",
           {{"seconds", std::chrono::duration_cast<std::chrono::seconds>(clock_offset_).count()}});
  return true;
}

// False if there must not be another attempt.
Awaitable<bool> Client::wait_to_retry(int failed_attempts, RetryBudget::Cause cause) {
  if (failed_attempts >= settings_.attempts || !budget_.take(cause)) co_return false;
  co_await clock_.sleep(retry_delay(failed_attempts, settings_.jitter));
  co_return true;
}

EndpointUrl Client::endpoint(const Service& service) const {
  return resolve_endpoint(settings_.endpoints, service.id, service.endpoint_label, settings_.region);
}

NoAnswer Client::unreachable(const Call& call, const NoAnswer& error) const {
  return {fmt::format("{}: no answer from {}: {}; check the network, the region ({}) and the endpoint "
                      "(SOCKERLESS_ENDPOINT_URL)",
                      call.operation, call.service->name, error.what(), settings_.region),
          error.was_sent()};
}

Error Client::unintelligible(const Service& service, const std::string& operation, std::string_view why) {
  return {ErrorKind::internal, fmt::format("{}: the answer from {} cannot be understood: {}; check that the endpoint "
                                           "(SOCKERLESS_ENDPOINT_URL) is AWS's",
                                           operation, service.name, why)};
}

}  // namespace sockerless::aws
