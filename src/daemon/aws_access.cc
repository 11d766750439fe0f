#include "daemon/aws_access.h"

#include "aws/cached_credentials.h"
#include "aws/credential_chain.h"
#include "config/environment.h"

namespace sockerless::daemon {
namespace {

constexpr const char* kUserAgent = "sockerless/" SOCKERLESS_VERSION;

aws::EndpointSettings endpoint_settings(const DaemonOptions& options, const std::string& local_endpoint) {
  if (!local_endpoint.empty()) return {.url = local_endpoint};
  aws::EndpointSettings settings{.url = options.endpoint_url(),
                                 .urls = {{"ECS", options.endpoint_url_ecs()},
                                          {"CLOUDWATCH_LOGS", options.endpoint_url_logs()},
                                          {"STS", options.endpoint_url_sts()},
                                          {"EC2", options.endpoint_url_ec2()}},
                                 .fips = options.aws_fips(),
                                 .dual_stack = options.aws_dual_stack()};
  // As with AWS's own tools, what is said for all services goes before what the profile says for one.
  if (options.local() || !settings.url.empty()) return settings;
  const auto config = aws::SharedConfig::load(config::environment_variable);
  const std::string profile = aws::profile_name(config::environment_variable);
  for (auto& [service, url] : settings.urls) {
    if (url.empty()) url = config.endpoint_url(profile, service);
  }
  return settings;
}

aws::ClientSettings client_settings(const DaemonOptions& options, const std::string& local_endpoint) {
  aws::ClientSettings settings;
  settings.region = aws_region(options);
  settings.endpoints = endpoint_settings(options, local_endpoint);
  // The local cloud has no quotas of its own.
  if (options.api_rate_limits() && local_endpoint.empty()) settings.rates = aws::published_rates(settings.region);
  return settings;
}

std::unique_ptr<aws::CredentialsProvider> local_credentials() {
  return std::make_unique<aws::StaticCredentials>(
      aws::Credentials{.access_key_id = "local", .secret_access_key = Secret("local"), .source = "--local"});
}

std::unique_ptr<aws::CredentialsProvider> aws_credentials(http::Client& transport, Executor executor, Clock& clock,
                                                          aws::ClientSettings settings) {
  auto chain = std::make_unique<aws::CredentialChain>(
      aws::ChainContext{transport, clock, config::environment_variable, std::move(settings)});
  return std::make_unique<aws::CachedCredentials>(std::move(executor), clock, std::move(chain));
}

}  // namespace

std::string aws_region(const DaemonOptions& options) {
  if (options.local() || options.region.is_given()) return options.region();
  const auto config = aws::SharedConfig::load(config::environment_variable);
  const auto* profile = config.profile(aws::profile_name(config::environment_variable));
  const std::string region = profile == nullptr ? "" : aws::value_in(*profile, "region");
  return region.empty() ? options.region() : region;
}

AwsAccess::AwsAccess(Executor executor, Clock& clock, const DaemonOptions& options, const std::string& local_endpoint)
    : registries_(executor, {.user_agent = kUserAgent}),
      aws_(executor, {.user_agent = kUserAgent, .ca_file = options.aws_ca_bundle()}),
      credentials_(local_endpoint.empty() ? aws_credentials(aws_, executor, clock, client_settings(options, ""))
                                          : local_credentials()),
      client_(aws_, clock, *credentials_, client_settings(options, local_endpoint)) {}

}  // namespace sockerless::daemon
