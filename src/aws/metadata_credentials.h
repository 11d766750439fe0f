#pragma once

#include "aws/credentials.h"
#include "http/client.h"

// Credentials that the place gives in which the daemon runs.
namespace sockerless::aws {

// The endpoint of an ECS task, or what AWS_CONTAINER_CREDENTIALS_FULL_URI names: EKS pods, agents.
class ContainerCredentials final : public CredentialsSource {
 public:
  ContainerCredentials(http::Client& transport, Environment environment)
      : transport_(transport), environment_(std::move(environment)) {}

  Awaitable<Found> find() override;

 private:
  std::string authorization() const;

  http::Client& transport_;
  Environment environment_;
};

// The metadata service of an EC2 instance, by tokens (IMDSv2) and never without.
class InstanceCredentials final : public CredentialsSource {
 public:
  InstanceCredentials(http::Client& transport, Environment environment)
      : transport_(transport), environment_(std::move(environment)) {}

  Awaitable<Found> find() override;

 private:
  std::string endpoint() const;
  Awaitable<std::string> read(std::string url, std::string token);

  http::Client& transport_;
  Environment environment_;
};

}  // namespace sockerless::aws
