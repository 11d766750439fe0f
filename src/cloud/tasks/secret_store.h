#pragma once

#include <string>

namespace sockerless::cloud {

// What stands for Secrets Manager and the Parameter Store: a JSON file, {"NAME": "value", …}. A name is a
// secret's or a parameter's, or its whole ARN. The file is read anew each time, so it may change.
class SecretStore {
 public:
  // `path` may be empty: there are no secrets.
  explicit SecretStore(std::string path) : path_(std::move(path)) {}

  // The value that `value_from` of a task definition means: the ARN of a secret, with a JSON key behind
  // it or without, or the name or ARN of a parameter. Throws InitializationError with Fargate's words.
  std::string resolve(const std::string& value_from) const;

 private:
  std::string path_;
};

}  // namespace sockerless::cloud
