#pragma once

#include <memory>
#include <string>

#include "aws/client.h"
#include "daemon/options.h"
#include "http/client.h"

namespace sockerless::daemon {

// The way to AWS that the options describe: transport, credentials and the signed client. What the
// daemon and its commands (gc) share.
class AwsAccess {
 public:
  // `local_endpoint`: of the local cloud, whose keys everybody knows; empty: AWS as the options have it.
  AwsAccess(Executor executor, Clock& clock, const DaemonOptions& options, const std::string& local_endpoint);

  // For everybody else's services: without AWS_CA_BUNDLE.
  http::Client& http() { return registries_; }
  aws::Client& client() { return client_; }
  aws::CredentialsProvider& credentials() { return *credentials_; }

 private:
  http::Client registries_;
  http::Client aws_;
  std::unique_ptr<aws::CredentialsProvider> credentials_;
  aws::Client client_;
};

// The region that was given, else the profile's, else the default.
std::string aws_region(const DaemonOptions& options);

}  // namespace sockerless::daemon
