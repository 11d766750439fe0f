#pragma once

#include <map>
#include <string>

#include "base/secret.h"
#include "base/time.h"

namespace sockerless::cloud {

// A temporary key that stands for a role, as the task's credentials endpoint hands out.
struct Session {
  std::string access_key_id;
  Secret secret_access_key;
  Secret token;
  std::string role_arn;
  std::string name;  // of the session, in the caller's ARN
  Time expires;
};

// All temporary keys that this cloud has issued. Lives on the loop.
class Sessions {
 public:
  // Good for `lifetime` from now on.
  const Session& issue(std::string role_arn, std::string name, Time now, std::chrono::seconds lifetime);

  // Null for a key that was not issued here, or long ago.
  const Session* find(const std::string& access_key_id) const;

 private:
  void forget_old(Time now);

  std::map<std::string, Session, std::less<>> by_key_;
};

// "arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION", the caller that the session's requests have.
std::string assumed_role_arn(const Session& session, const std::string& account);

}  // namespace sockerless::cloud
