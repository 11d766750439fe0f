#include "aws/cached_credentials.h"

#include "base/error.h"
#include "base/log.h"

namespace sockerless::aws {
namespace {

const Logger log("credentials");

constexpr auto kInBackground = std::chrono::minutes(15);
constexpr auto kWaitedFor = std::chrono::minutes(10);
// A source that fails, or that serves what is about to expire, is left alone for so long.
constexpr auto kPause = std::chrono::minutes(1);

}  // namespace

CachedCredentials::CachedCredentials(Executor executor, Clock& clock, std::unique_ptr<CredentialsProvider> source)
    : clock_(clock), source_(std::move(source)), tasks_(std::move(executor)) {}

bool CachedCredentials::expires_within(Clock::Duration limit) const {
  return kept_->expiration && *kept_->expiration - clock_.now() < limit;
}

bool CachedCredentials::is_failed_for_good() const { return failure_ && expires_within(Clock::Duration::zero()); }

Awaitable<Credentials> CachedCredentials::get() {
  const bool is_due =
      !kept_ || (expires_within(kInBackground) && (clock_.now() >= not_before_ || is_failed_for_good()));
  if (!is_due) co_return *kept_;
  begin_refresh();
  if (kept_ && !expires_within(kWaitedFor)) co_return *kept_;
  while (is_refreshing_) co_await refreshed_.wait();
  // What is still valid is better than an error.
  if (!kept_ || is_failed_for_good()) std::rethrow_exception(failure_);
  co_return *kept_;
}

void CachedCredentials::begin_refresh() {
  if (is_refreshing_) return;
  is_refreshing_ = true;
  // In a group of its own, so that whoever asked first may leave without ending it for the others.
  tasks_.spawn("refresh the AWS credentials", refresh());
}

Awaitable<void> CachedCredentials::refresh() {
  failure_ = nullptr;
  try {
    kept_ = co_await source_->get();
    log.debug("AWS credentials taken", {{"source", kept_->source}});
  } catch (const std::exception& error) {
    failure_ = std::current_exception();
    if (kept_) log.warn("AWS credentials could not be renewed, will be tried again", {{"error", error.what()}});
  }
  not_before_ = clock_.now() + kPause;
  is_refreshing_ = false;
  refreshed_.pulse();
}

}  // namespace sockerless::aws
