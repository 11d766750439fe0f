#include "cloud/runner/limits.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace sockerless::cloud {
namespace {

constexpr std::int64_t kOpenFiles = 65535;

struct Name {
  std::string_view text;
  int resource;
};
constexpr std::array kNames{
    Name{"core", RLIMIT_CORE},         Name{"cpu", RLIMIT_CPU},
    Name{"data", RLIMIT_DATA},         Name{"fsize", RLIMIT_FSIZE},
    Name{"locks", RLIMIT_LOCKS},       Name{"memlock", RLIMIT_MEMLOCK},
    Name{"msgqueue", RLIMIT_MSGQUEUE}, Name{"nice", RLIMIT_NICE},
    Name{"nofile", RLIMIT_NOFILE},     Name{"nproc", RLIMIT_NPROC},
    Name{"rss", RLIMIT_RSS},           Name{"rtprio", RLIMIT_RTPRIO},
    Name{"rttime", RLIMIT_RTTIME},     Name{"sigpending", RLIMIT_SIGPENDING},
    Name{"stack", RLIMIT_STACK},
};

int resource_of(const std::string& name) {
  for (const Name& each : kNames) {
    if (each.text == name) return each.resource;
  }
  throw Error(ErrorKind::invalid_argument, fmt::format("invalid ulimit type: {}", name));
}

// The only sure way to learn what may be raised is to raise it; nothing is lost by having done so.
Ulimit allowed(Ulimit limit) {
  const auto resource = static_cast<__rlimit_resource>(resource_of(limit.name));
  rlimit own{};
  ::getrlimit(resource, &own);
  const auto hard = static_cast<rlim_t>(limit.hard);  // -1: no limit
  if (own.rlim_max >= hard) return limit;
  const rlimit raised{own.rlim_cur, hard};
  if (::setrlimit(resource, &raised) == 0) return limit;
  limit.hard = static_cast<std::int64_t>(own.rlim_max);
  if (limit.soft < 0 || limit.soft > limit.hard) limit.soft = limit.hard;
  return limit;
}

}  // namespace

std::vector<Ulimit> effective_limits(const std::vector<Ulimit>& wanted) {
  std::vector<Ulimit> limits = wanted;
  const auto is_open_files = [](const Ulimit& limit) { return limit.name == "nofile"; };
  if (std::none_of(limits.begin(), limits.end(), is_open_files)) limits.push_back({"nofile", kOpenFiles, kOpenFiles});
  for (Ulimit& limit : limits) limit = allowed(limit);
  return limits;
}

}  // namespace sockerless::cloud
