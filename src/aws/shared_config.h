#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sockerless::aws {

// The variables that a process was given; nullopt for one that is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// A variable's value; an empty one counts as absent.
std::string variable_of(const Environment& environment, const std::string& name);

// The files that AWS's own tools are configured by: ~/.aws/config and ~/.aws/credentials, or what
// AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name.
class SharedConfig {
 public:
  using Section = std::map<std::string, std::string, std::less<>>;  // keys in lower case

  // A file that does not exist is an empty one.
  static SharedConfig load(const Environment& environment);

  // Of a profile that stands in both texts, the credentials' values count.
  static SharedConfig parse(std::string_view config, std::string_view credentials);

  // nullptr if neither file has it.
  const Section* profile(const std::string& name) const;
  const Section* sso_session(const std::string& name) const;
  // Where the profile has a service reached, by its section `services` or for all services; "" if it says nothing.
  // `service_id` is as in AWS_ENDPOINT_URL_…, "CLOUDWATCH_LOGS".
  std::string endpoint_url(const std::string& profile_name, std::string_view service_id) const;

  // The paths that were read, for error texts.
  const std::string& origin() const { return origin_; }
  // ~/.aws, whose sso/cache holds the tokens of `aws sso login`.
  const std::string& folder() const { return folder_; }

 private:
  std::map<std::string, Section> profiles_;
  std::map<std::string, Section> sso_sessions_;
  std::map<std::string, Section> services_;
  std::string origin_ = "the shared configuration";
  std::string folder_;
};

// AWS_PROFILE or AWS_DEFAULT_PROFILE, else "default".
std::string profile_name(const Environment& environment);

// The value of a section; "" if it has none.
std::string value_in(const SharedConfig::Section& section, std::string_view key);

}  // namespace sockerless::aws
