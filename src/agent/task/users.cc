#include "agent/task/users.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>

#include "agent/task/file_descriptor.h"

namespace sockerless::agent {

namespace {

constexpr std::size_t kLargestFile = 1024 * 1024;
constexpr std::size_t kLongestEntry = 7;  // fields of passwd

std::string read_file(const char* path) {
  const FileDescriptor file(open(path, O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> part;
  while (file && text.size() < kLargestFile) {
    const ssize_t count = read(file.get(), part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(count));
  }
  return text;
}

// What is in front of the separator, which is taken off the text as well.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

// Calls with the fields of each line until it returns true.
template <typename Function>
bool find_entry(std::string_view text, Function matches) {
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    if (line.empty() || line[0] == '#') continue;
    std::array<std::string_view, kLongestEntry> fields;
    for (std::string_view& field : fields) field = take_until(line, ':');
    if (matches(fields)) return true;
  }
  return false;
}

std::optional<unsigned> parse_number(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || number > 0x7fffffffU) {
    return std::nullopt;
  }
  return number;
}

// By name first, then by number, as a runtime reads "0": a user may be called so.
bool fill_user(std::string_view wanted, std::string_view passwd, Identity& identity, std::string& name) {
  const auto number = parse_number(wanted);
  const bool has_entry = find_entry(passwd, [&](const auto& fields) {
    const auto id = parse_number(fields[2]);
    if (!id || (fields[0] != wanted && (!number || *id != *number))) return false;
    name = fields[0];
    identity.user = *id;
    identity.group = parse_number(fields[3]).value_or(0);
    if (!fields[5].empty()) identity.home = fields[5];
    return true;
  });
  if (!has_entry && number) identity.user = *number;
  return has_entry || number.has_value();
}

bool fill_group(std::string_view wanted, std::string_view group, Identity& identity) {
  const auto number = parse_number(wanted);
  const bool has_entry = find_entry(group, [&](const auto& fields) {
    const auto id = parse_number(fields[2]);
    if (!id || (fields[0] != wanted && (!number || *id != *number))) return false;
    identity.group = *id;
    return true;
  });
  if (!has_entry && number) identity.group = *number;
  return has_entry || number.has_value();
}

bool is_member(std::string_view members, std::string_view name) {
  while (!members.empty()) {
    if (take_until(members, ',') == name) return true;
  }
  return false;
}

}  // namespace

IdentityLookup find_identity(std::string_view user, std::string_view passwd, std::string_view group) {
  IdentityLookup found;
  std::string_view group_part = user;
  const std::string_view user_part = take_until(group_part, ':');
  std::string name;
  if (!user_part.empty() && !fill_user(user_part, passwd, found.identity, name)) {
    found.error = "unable to find user " + std::string(user_part) + ": no matching entries in passwd file";
    return found;
  }
  if (user_part.empty()) fill_user("0", passwd, found.identity, name);
  if (!group_part.empty()) {
    if (!fill_group(group_part, group, found.identity)) {
      found.error = "unable to find group " + std::string(group_part) + ": no matching entries in group file";
    }
    name.clear();  // a group that was named is the only one
  }
  // The first group is among the others too, so that leaving it does not shed its restrictions.
  std::vector<gid_t>& groups = found.identity.groups;
  groups.push_back(found.identity.group);
  if (name.empty()) return found;
  find_entry(group, [&](const auto& fields) {
    const auto id = parse_number(fields[2]);
    const bool is_new = id && std::find(groups.begin(), groups.end(), *id) == groups.end();
    if (is_new && is_member(fields[3], name)) groups.push_back(*id);
    return false;
  });
  return found;
}

IdentityLookup find_identity(std::string_view user) {
  return find_identity(user, read_file("/etc/passwd"), read_file("/etc/group"));
}

std::string home_of(uid_t user) {
  std::string home = "/";
  find_entry(read_file("/etc/passwd"), [&](const auto& fields) {
    if (parse_number(fields[2]) != user) return false;
    if (!fields[5].empty()) home = fields[5];
    return true;
  });
  return home;
}

}  // namespace sockerless::agent
