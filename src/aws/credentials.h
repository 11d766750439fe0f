#pragma once

#include <optional>
#include <string>

#include "aws/shared_config.h"
#include "base/async.h"
#include "base/secret.h"
#include "base/time.h"

namespace sockerless::aws {

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;            // empty for long-lived keys
  std::optional<Time> expiration;  // absent for keys that never expire
  std::string source;              // where they come from, for error texts: "the environment"
};

// Where credentials come from. The client asks before every request, so a provider that refreshes
// keeps what it has until it is due.
class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;

  // Throws Error(forbidden) that says what was tried and what to do.
  virtual Awaitable<Credentials> get() = 0;
};

class StaticCredentials final : public CredentialsProvider {
 public:
  explicit StaticCredentials(Credentials credentials) : credentials_(std::move(credentials)) {}

  Awaitable<Credentials> get() override;

 private:
  Credentials credentials_;
};

// One place of the chain in which credentials are looked for.
class CredentialsSource {
 public:
  struct Found {
    std::optional<Credentials> credentials;
    std::string missing;  // without credentials: what the place lacks, for the message that lists all
  };

  virtual ~CredentialsSource() = default;

  // Throws Error(forbidden) if the place is configured and yet gives nothing: the search ends there,
  // since what comes later is not what was meant.
  virtual Awaitable<Found> find() = 0;
};

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. An empty variable counts as
// absent; one of the pair without the other is an error.
class EnvironmentCredentials final : public CredentialsProvider {
 public:
  explicit EnvironmentCredentials(Environment environment) : environment_(std::move(environment)) {}

  Awaitable<Credentials> get() override;

  // nullopt if neither variable of the pair is set; throws Error(forbidden) if only one is.
  std::optional<Credentials> find() const;

 private:
  Environment environment_;
};

}  // namespace sockerless::aws
