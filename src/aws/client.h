#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/api_error.h"
#include "aws/call_statistics.h"
#include "aws/credentials.h"
#include "aws/endpoints.h"
#include "aws/rate_limiter.h"
#include "aws/retry.h"
#include "aws/sigv4.h"
#include "base/async.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/open_outcome.h"
#include "http/client.h"

namespace sockerless::aws {

using http::NoAnswer;

struct Service {
  std::string_view name;            // for people: "ECS"
  std::string_view endpoint_label;  // first part of its host name
  std::string_view signing_name;
  std::string_view target_prefix;  // of X-Amz-Target
  std::string_view id;             // in AWS_ENDPOINT_URL_…
};

struct ClientSettings {
  std::string region;
  EndpointSettings endpoints;
  int attempts = 3;
  Clock::Duration connect_time = std::chrono::seconds(5);
  Clock::Duration total_time = std::chrono::seconds(30);
  // How long a call may be held back by a rate quota before it fails instead.
  Clock::Duration quota_wait = std::chrono::seconds(30);
  std::vector<ApiRate> rates;
  Jitter jitter;  // empty for a random one
};

// What to do when a call got no answer, so that nothing is known of its effect.
enum class Repeat { yes, only_if_unsent };

// What came of one attempt of a call.
struct CallReport {
  Time at;  // when it was begun
  std::string_view operation;
  std::string_view request;  // JSON, or a form
  std::string_view answer;   // of a success
  std::string_view result;   // "ok", AWS's error code, or "no answer"
  std::string_view text;     // AWS's of an error, or why there is no answer
  std::string_view request_id;
  int attempt = 1;
  Clock::Duration took{0};
};

// Must not throw; what it is given is gone when it returns.
using CallObserver = std::function<void(const CallReport&)>;

// Signed calls to AWS. Retries what AWS asks to retry and what had no effect or may be repeated,
// keeps below the rate quotas, follows the server's clock. Used on one loop; outlives its calls.
//
// Calls throw ApiError if AWS refused, NoAnswer (an Error(unavailable)) if it could not be reached,
// and whatever the credentials' provider throws. The outcome is open (base/open_outcome.h) if an attempt
// was sent and not refused: it had no answer, or one that tells of AWS's own trouble.
class Client {
 public:
  Client(http::Client& transport, Clock& clock, CredentialsProvider& credentials, ClientSettings settings);

  // AWS's JSON 1.1 protocol.
  template <typename Response, typename Request>
  Awaitable<Response> call(const Service& service, std::string operation, Request request,
                           Repeat repeat = Repeat::yes) {
    const std::string answer = co_await call_json(service, operation, json::to_text(request), repeat);
    try {
      // Operations that return nothing may answer with nothing at all.
      co_return json::parse<Response>(answer.empty() ? "{}" : answer);
    } catch (const Error& error) {
      throw Open(unintelligible(service, operation, error.what()));
    }
  }

  // AWS's query protocol; `parameters` is the form, encoded. Returns the XML document.
  Awaitable<std::string> call_query(const Service& service, std::string operation, std::string parameters);

  const std::string& region() const { return settings_.region; }
  RateLimiter& rates() { return rates_; }
  const CallStatistics& statistics() const { return statistics_; }
  // Is told of every attempt; outlives the calls.
  void report_to(CallObserver observer) { observer_ = std::move(observer); }

 private:
  struct Call;
  struct Attempt;

  Awaitable<std::string> call_json(const Service& service, std::string operation, std::string body, Repeat repeat);
  Awaitable<std::string> send(Call call);
  Awaitable<std::string> send_until_settled(Call& call);
  Awaitable<Attempt> attempt(const Call& call, int number);
  http::ClientRequest signed_request(const Call& call, const Credentials& credentials, Time time, int number) const;
  ApiError::Facts refusal(const Call& call, const Attempt& attempt, int number) const;
  bool correct_clock(const ApiError::Facts& facts, const Attempt& attempt, bool was_corrected);
  void report(const Call& call, const Attempt& attempt, int number, const ApiError::Facts* refusal);
  Awaitable<bool> wait_to_retry(int failed_attempts, RetryBudget::Cause cause);
  EndpointUrl endpoint(const Service& service) const;
  NoAnswer unreachable(const Call& call, const NoAnswer& error) const;
  static Error unintelligible(const Service& service, const std::string& operation, std::string_view why);

  http::Client& transport_;
  Clock& clock_;
  CredentialsProvider& credentials_;
  ClientSettings settings_;
  RateLimiter rates_;
  RetryBudget budget_;
  CallStatistics statistics_;
  CallObserver observer_;
  Clock::Duration clock_offset_{0};  // AWS's clock less ours
};

}  // namespace sockerless::aws
