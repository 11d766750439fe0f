#include "aws/credential_chain.h"

#include "aws/metadata_credentials.h"
#include "base/error.h"

namespace sockerless::aws {

CredentialChain::CredentialChain(ChainContext context) : environment_(context.environment) {
  sources_.push_back(std::make_unique<ProfileCredentials>(context, pool_));
  sources_.push_back(std::make_unique<WebIdentityCredentials>(context));
  sources_.push_back(std::make_unique<ContainerCredentials>(context.transport, context.environment));
  sources_.push_back(std::make_unique<InstanceCredentials>(context.transport, context.environment));
}

Awaitable<Credentials> CredentialChain::get() {
  if (auto found = environment_.find()) co_return std::move(*found);
  std::string tried = "the environment (AWS_ACCESS_KEY_ID is not set)";
  for (const auto& source : sources_) {
    CredentialsSource::Found found = co_await source->find();
    if (found.credentials) co_return std::move(*found.credentials);
    tried += "; " + found.missing;
  }
  throw Error(ErrorKind::forbidden,
              "no AWS credentials; looked for " + tried +
                  ". Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile with AWS_PROFILE, or give the "
                  "machine a role");
}

}  // namespace sockerless::aws
