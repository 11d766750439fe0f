#include "daemon/aws_access.h"

#include <cstdlib>

namespace sockerless::daemon {
namespace {

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

std::unique_ptr<aws::CredentialsProvider> credentials_provider(bool is_local) {
  if (!is_local) return std::make_unique<aws::EnvironmentCredentials>(environment_variable);
  return std::make_unique<aws::StaticCredentials>(
      aws::Credentials{.access_key_id = "local", .secret_access_key = Secret("local"), .source = "--local"});
}

aws::ClientSettings client_settings(const DaemonOptions& options, const std::string& local_endpoint) {
  aws::ClientSettings settings;
  settings.region = options.region();
  settings.endpoint_url = local_endpoint.empty() ? options.endpoint_url() : local_endpoint;
  // The local cloud has no quotas of its own.
  if (options.api_rate_limits() && local_endpoint.empty()) settings.rates = aws::published_rates(settings.region);
  return settings;
}

}  // namespace

AwsAccess::AwsAccess(Executor executor, Clock& clock, const DaemonOptions& options, const std::string& local_endpoint)
    : http_(std::move(executor), {.user_agent = "sockerless/" SOCKERLESS_VERSION}),
      credentials_(credentials_provider(!local_endpoint.empty())),
      client_(http_, clock, *credentials_, client_settings(options, local_endpoint)) {}

}  // namespace sockerless::daemon
