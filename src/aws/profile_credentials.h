#pragma once

#include <set>
#include <string>

#include "aws/client.h"
#include "aws/credentials.h"
#include "base/worker_pool.h"

namespace sockerless::aws {

// What the providers of the chain have in common. `settings` say how STS is reached.
struct ChainContext {
  http::Client& transport;
  Clock& clock;
  Environment environment;
  ClientSettings settings;
};

// A profile of the shared files, whatever it is made of: a role on top of another profile, a web
// identity, IAM Identity Center, keys, or a process. The files are read anew each time, since other
// programs renew what stands in them.
class ProfileCredentials final : public CredentialsSource {
 public:
  ProfileCredentials(ChainContext context, WorkerPool& pool) : context_(std::move(context)), pool_(pool) {}

  Awaitable<Found> find() override;

 private:
  using Section = SharedConfig::Section;

  Awaitable<Credentials> resolve(SharedConfig config, std::string name, std::set<std::string> visited);
  Awaitable<Credentials> from_role(SharedConfig config, std::string name, std::set<std::string> visited);
  Awaitable<Credentials> from_credential_source(std::string profile, std::string source);
  Awaitable<Credentials> from_sso(SharedConfig config, std::string name);

  ChainContext context_;
  WorkerPool& pool_;
};

// AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, as EKS and CI systems set them.
class WebIdentityCredentials final : public CredentialsSource {
 public:
  explicit WebIdentityCredentials(ChainContext context) : context_(std::move(context)) {}

  Awaitable<Found> find() override;

 private:
  ChainContext context_;
};

}  // namespace sockerless::aws
