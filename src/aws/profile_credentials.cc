#include "aws/profile_credentials.h"

#include <fmt/format.h>

#include <charconv>

#include "aws/metadata_credentials.h"
#include "aws/process_credentials.h"
#include "aws/role_credentials.h"
#include "aws/sso_credentials.h"
#include "base/error.h"

namespace sockerless::aws {
namespace {

constexpr const char* kTokenFile = "AWS_WEB_IDENTITY_TOKEN_FILE";
constexpr const char* kRoleArn = "AWS_ROLE_ARN";

Error bad_profile(const std::string& name, std::string_view why) {
  return {ErrorKind::forbidden, fmt::format("no AWS credentials from the profile \"{}\": {}", name, why)};
}

AssumedRole role_in(const SharedConfig::Section& profile) {
  AssumedRole role{.role_arn = value_in(profile, "role_arn"),
                   .session_name = value_in(profile, "role_session_name"),
                   .external_id = value_in(profile, "external_id")};
  const std::string duration = value_in(profile, "duration_seconds");
  std::from_chars(duration.data(), duration.data() + duration.size(), role.duration_seconds);
  return role;
}

bool has_keys(const SharedConfig::Section& profile) { return !value_in(profile, "aws_access_key_id").empty(); }

Credentials keys_in(const SharedConfig::Section& profile, const std::string& name) {
  const std::string secret = value_in(profile, "aws_secret_access_key");
  if (secret.empty()) throw bad_profile(name, "it has an aws_access_key_id and no aws_secret_access_key");
  return {.access_key_id = value_in(profile, "aws_access_key_id"),
          .secret_access_key = Secret(secret),
          .session_token = Secret(value_in(profile, "aws_session_token")),
          .source = fmt::format("the profile \"{}\"", name)};
}

bool is_sso(const SharedConfig::Section& profile) {
  return !value_in(profile, "sso_session").empty() || !value_in(profile, "sso_start_url").empty();
}

}  // namespace

Awaitable<CredentialsSource::Found> ProfileCredentials::find() {
  const SharedConfig config = SharedConfig::load(context_.environment);
  const std::string name = profile_name(context_.environment);
  const bool is_asked_for = !variable_of(context_.environment, "AWS_PROFILE").empty() ||
                            !variable_of(context_.environment, "AWS_DEFAULT_PROFILE").empty();
  if (config.profile(name) == nullptr) {
    if (is_asked_for) throw bad_profile(name, fmt::format("{} have no such profile", config.origin()));
    co_return Found{.missing = fmt::format("the profile \"{}\" (not in {})", name, config.origin())};
  }
  const SharedConfig::Section& profile = *config.profile(name);
  const bool has_some = has_keys(profile) || is_sso(profile) || !value_in(profile, "role_arn").empty() ||
                        !value_in(profile, "credential_process").empty();
  if (!has_some && !is_asked_for) {
    co_return Found{.missing = fmt::format("the profile \"{}\" (without credentials in {})", name, config.origin())};
  }
  Found found;
  found.credentials = co_await resolve(config, name, {});
  co_return found;
}

Awaitable<Credentials> ProfileCredentials::resolve(SharedConfig config, std::string name,
                                                   std::set<std::string> visited) {
  const Section* profile = config.profile(name);
  if (profile == nullptr) throw bad_profile(name, fmt::format("{} have no such profile", config.origin()));
  // A profile may be the source of itself: then its keys are meant.
  const bool is_again = !visited.insert(name).second;
  if (is_again && !has_keys(*profile)) throw bad_profile(name, "its source_profile leads back to itself");
  if (!is_again && !value_in(*profile, "role_arn").empty()) {
    co_return co_await from_role(std::move(config), std::move(name), std::move(visited));
  }
  if (is_sso(*profile)) co_return co_await from_sso(std::move(config), std::move(name));
  if (has_keys(*profile)) co_return keys_in(*profile, name);
  const std::string command = value_in(*profile, "credential_process");
  if (command.empty()) throw bad_profile(name, fmt::format("it has none in {}", config.origin()));
  co_return co_await run_credential_process(pool_, command);
}

Awaitable<Credentials> ProfileCredentials::from_role(SharedConfig config, std::string name,
                                                     std::set<std::string> visited) {
  const Section profile = *config.profile(name);
  const AssumedRole role = role_in(profile);
  const std::string token_file = value_in(profile, "web_identity_token_file");
  if (!token_file.empty()) {
    co_return co_await assume_role_with_web_identity(context_.transport, context_.settings, role, token_file);
  }
  if (!value_in(profile, "mfa_serial").empty()) {
    throw bad_profile(name, "it has an mfa_serial, and there is nobody to ask for a code; use a profile without");
  }
  const std::string source_profile = value_in(profile, "source_profile");
  const std::string credential_source = value_in(profile, "credential_source");
  if (source_profile.empty() == credential_source.empty()) {
    throw bad_profile(name, "beside role_arn it needs either source_profile or credential_source");
  }
  RoleBase base{context_.transport, context_.clock, context_.settings, {}};
  if (source_profile.empty()) {
    base.credentials = co_await from_credential_source(name, credential_source);
  } else {
    base.credentials = co_await resolve(std::move(config), source_profile, std::move(visited));
  }
  co_return co_await assume_role(std::move(base), role);
}

Awaitable<Credentials> ProfileCredentials::from_credential_source(std::string profile, std::string source) {
  Found found;
  if (source == "Environment") {
    found.credentials = EnvironmentCredentials(context_.environment).find();
    found.missing = "AWS_ACCESS_KEY_ID is not set";
  } else if (source == "EcsContainer") {
    ContainerCredentials container(context_.transport, context_.environment);
    found = co_await container.find();
  } else if (source == "Ec2InstanceMetadata") {
    InstanceCredentials instance(context_.transport, context_.environment);
    found = co_await instance.find();
  } else {
    throw bad_profile(profile, fmt::format("credential_source \"{}\" is none of Environment, EcsContainer and "
                                           "Ec2InstanceMetadata",
                                           source));
  }
  if (!found.credentials)
    throw bad_profile(profile, fmt::format("its credential_source gives none: {}", found.missing));
  co_return std::move(*found.credentials);
}

Awaitable<Credentials> ProfileCredentials::from_sso(SharedConfig config, std::string name) {
  const Section& profile = *config.profile(name);
  SsoProfile sso{.session = value_in(profile, "sso_session"),
                 .start_url = value_in(profile, "sso_start_url"),
                 .region = value_in(profile, "sso_region"),
                 .account_id = value_in(profile, "sso_account_id"),
                 .role_name = value_in(profile, "sso_role_name")};
  if (!sso.session.empty()) {
    const Section* session = config.sso_session(sso.session);
    if (session == nullptr) throw bad_profile(name, fmt::format("there is no [sso-session {}]", sso.session));
    sso.start_url = value_in(*session, "sso_start_url");
    sso.region = value_in(*session, "sso_region");
  }
  for (const auto& [key, value] :
       {std::pair("sso_start_url", sso.start_url), std::pair("sso_region", sso.region),
        std::pair("sso_account_id", sso.account_id), std::pair("sso_role_name", sso.role_name)}) {
    if (value.empty()) throw bad_profile(name, fmt::format("{} is missing", key));
  }
  co_return co_await sso_credentials(context_.transport, context_.clock, config.folder(), std::move(sso),
                                     context_.settings.endpoints);
}

Awaitable<CredentialsSource::Found> WebIdentityCredentials::find() {
  const std::string token_file = variable_of(context_.environment, kTokenFile);
  const std::string role_arn = variable_of(context_.environment, kRoleArn);
  if (token_file.empty()) co_return Found{.missing = fmt::format("a web identity ({} is not set)", kTokenFile)};
  if (role_arn.empty()) {
    throw Error(ErrorKind::forbidden, fmt::format("{} is set and {} is not", kTokenFile, kRoleArn));
  }
  Found found;
  found.credentials = co_await assume_role_with_web_identity(
      context_.transport, context_.settings,
      {.role_arn = role_arn, .session_name = variable_of(context_.environment, "AWS_ROLE_SESSION_NAME")}, token_file);
  co_return found;
}

}  // namespace sockerless::aws
