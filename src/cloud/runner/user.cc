#include "cloud/runner/user.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "cloud/images/descriptor.h"

namespace sockerless::cloud {
namespace {

constexpr std::size_t kLargestFile = 1024 * 1024;
constexpr std::uint32_t kLargestId = 0x7fffffff;  // as Docker allows

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::uint32_t> find_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "" if the image has no such file. Links in the image must not lead to the host's files.
std::string read_in_root(const std::string& root, const std::string& name) {
  const Descriptor folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const Descriptor file(open_in_root(folder.get(), name, O_RDONLY | O_NONBLOCK));
  std::string text;
  if (!file.is_open()) return text;
  char buffer[16 * 1024];
  while (text.size() < kLargestFile) {
    const auto got = ::read(file.get(), buffer, sizeof buffer);
    if (got <= 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

std::uint32_t checked(std::uint32_t id) {
  if (id > kLargestId) throw Error(ErrorKind::invalid_argument, "uids and gids must be in range 0-2147483647");
  return id;
}

// Sets uid, gid and home, and returns the user's name ("" if it has none).
std::string apply_user(const std::string& root, std::string_view wanted, User& user) {
  const auto number = find_number(wanted);
  const std::string passwd = read_in_root(root, "etc/passwd");
  for (const std::string_view line : split(passwd, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() < 6) continue;
    const auto uid = find_number(fields[2]);
    // A name wins over a number that looks like it.
    if (!uid || (fields[0] != wanted && uid != number)) continue;
    user.uid = *uid;
    user.gid = find_number(fields[3]).value_or(0);
    if (!fields[5].empty()) user.home = fields[5];
    return std::string(fields[0]);
  }
  if (!number) {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("unable to find user {}: no matching entries in passwd file", wanted));
  }
  user.uid = checked(*number);
  return {};
}

void apply_group(const std::string& root, std::string_view wanted, User& user) {
  const auto number = find_number(wanted);
  const std::string groups = read_in_root(root, "etc/group");
  for (const std::string_view line : split(groups, '\n')) {
    const auto fields = split(line, ':');
    const auto gid = fields.size() < 3 ? std::nullopt : find_number(fields[2]);
    if (!gid || (fields[0] != wanted && gid != number)) continue;
    user.gid = *gid;
    return;
  }
  if (!number) {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("unable to find group {}: no matching entries in group file", wanted));
  }
  user.gid = checked(*number);
}

void apply_memberships(const std::string& root, const std::string& name, User& user) {
  const std::string groups = read_in_root(root, "etc/group");
  for (const std::string_view line : split(groups, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() < 4) continue;
    const auto members = split(fields[3], ',');
    const auto gid = find_number(fields[2]);
    if (gid && std::find(members.begin(), members.end(), name) != members.end()) user.additional_gids.push_back(*gid);
  }
}

}  // namespace

User find_user(const std::string& root, const std::string& text) {
  User user;
  const auto colon = std::min(text.find(':'), text.size());
  const std::string_view name = std::string_view(text).substr(0, colon);
  const std::string_view group = std::string_view(text).substr(std::min(colon + 1, text.size()));
  const std::string known_as = apply_user(root, name.empty() ? "0" : name, user);
  if (!group.empty()) apply_group(root, group, user);
  // A process may otherwise gain rights by leaving its primary group (CVE-2022-36109).
  user.additional_gids.push_back(user.gid);
  if (group.empty() && !known_as.empty()) apply_memberships(root, known_as, user);
  return user;
}

}  // namespace sockerless::cloud
