#pragma once

#include <memory>
#include <vector>

#include "aws/profile_credentials.h"

namespace sockerless::aws {

// Looks where AWS's own tools look, in their order: the environment, the profile, a web identity, an
// ECS task's role, an EC2 instance's role. The first that is configured counts, and its failure is
// the chain's. Wrap it in CachedCredentials.
class CredentialChain final : public CredentialsProvider {
 public:
  explicit CredentialChain(ChainContext context);

  // Throws Error(forbidden) that lists every place and what it lacks.
  Awaitable<Credentials> get() override;

 private:
  WorkerPool pool_{1};  // for credential_process
  EnvironmentCredentials environment_;
  std::vector<std::unique_ptr<CredentialsSource>> sources_;
};

}  // namespace sockerless::aws
