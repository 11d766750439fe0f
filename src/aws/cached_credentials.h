#pragma once

#include <exception>
#include <memory>

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/task_group.h"

namespace sockerless::aws {

// Keeps what another provider gives and asks it again in time: in the background from fifteen
// minutes before the expiration, while everybody waits from ten. However many wait, the provider is
// asked once. Lives on one loop and outlives what runs on it.
class CachedCredentials final : public CredentialsProvider {
 public:
  CachedCredentials(Executor executor, Clock& clock, std::unique_ptr<CredentialsProvider> source);

  Awaitable<Credentials> get() override;

 private:
  bool expires_within(Clock::Duration limit) const;
  bool is_failed_for_good() const;  // what is kept has expired and there is nothing new
  void begin_refresh();
  Awaitable<void> refresh();

  Clock& clock_;
  std::unique_ptr<CredentialsProvider> source_;
  std::optional<Credentials> kept_;
  std::exception_ptr failure_;  // of the last refresh
  Time not_before_;             // no refresh of credentials that are still there
  bool is_refreshing_ = false;
  Event refreshed_;
  TaskGroup tasks_;
};

}  // namespace sockerless::aws
