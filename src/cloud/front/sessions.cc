#include "cloud/front/sessions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/id.h"

namespace sockerless::cloud {
namespace {

// An expired key is still told from an unknown one for so long.
constexpr auto kRemembered = std::chrono::hours(24);

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

}  // namespace

const Session& Sessions::issue(std::string role_arn, std::string name, Time now, std::chrono::seconds lifetime) {
  forget_old(now);
  Session session;
  session.access_key_id = "ASIA" + upper(random_hex(8));
  session.secret_access_key = Secret(random_hex(20));
  session.token = Secret(random_hex(64));
  session.role_arn = std::move(role_arn);
  session.name = std::move(name);
  session.expires = now + lifetime;
  const std::string key = session.access_key_id;
  return by_key_[key] = std::move(session);
}

const Session* Sessions::find(const std::string& access_key_id) const {
  const auto found = by_key_.find(access_key_id);
  return found == by_key_.end() ? nullptr : &found->second;
}

void Sessions::forget_old(Time now) {
  for (auto each = by_key_.begin(); each != by_key_.end();) {
    each = each->second.expires + kRemembered < now ? by_key_.erase(each) : std::next(each);
  }
}

std::string assumed_role_arn(const Session& session, const std::string& account) {
  const std::string role = session.role_arn.substr(session.role_arn.rfind('/') + 1);
  return fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", account, role, session.name);
}

}  // namespace sockerless::cloud
