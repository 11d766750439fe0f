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

  http::Client& http() { return http_; }
  aws::Client& client() { return client_; }
  aws::CredentialsProvider& credentials() { return *credentials_; }

 private:
  http::Client http_;
  std::unique_ptr<aws::CredentialsProvider> credentials_;
  aws::Client client_;
};

}  // namespace sockerless::daemon
