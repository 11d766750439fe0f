#include "agent/task/lookup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sockerless::agent {

namespace {

constexpr char kHex[] = "0123456789abcdef";
constexpr std::string_view kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// 0, or why the file cannot be executed.
int check_executable(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return errno;
  if (S_ISDIR(status.st_mode)) return EISDIR;
  if (faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0) return 0;
  return errno == EROFS ? EACCES : errno;
}

}  // namespace

std::string reason(int error_number) {
  std::string text = strerror(error_number);
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a') {
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  }
  return text;
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (c == '\n') {
      out.append("\\n");
    } else if (c == '\t') {
      out.append("\\t");
    } else if (byte < 0x20 || byte == 0x7f) {
      out.append({'\\', 'x', kHex[byte >> 4], kHex[byte & 15]});
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

Executable find_executable(std::string_view name, std::string_view path_variable) {
  if (name.find('/') != std::string_view::npos) {
    Executable found{.path = std::string(name), .error_number = 0, .error = {}};
    found.error_number = check_executable(found.path);
    if (found.error_number == ENOENT || found.error_number == ENOTDIR || found.error_number == ELOOP) {
      found.error = "exec: " + quote(name) + ": stat " + found.path + ": " + reason(found.error_number);
    } else if (found.error_number != 0) {
      found.error = "exec: " + quote(name) + ": " + reason(found.error_number);
    }
    return found;
  }
  if (path_variable.empty()) path_variable = kDefaultPath;
  for (std::string_view left = path_variable; !name.empty();) {
    const std::size_t colon = std::min(left.find(':'), left.size());
    std::string path(colon == 0 ? "." : left.substr(0, colon));
    path.append("/").append(name);
    if (check_executable(path) == 0) return {.path = std::move(path), .error_number = 0, .error = {}};
    if (colon == left.size()) break;
    left.remove_prefix(colon + 1);
  }
  return {.path = {}, .error_number = ENOENT, .error = "exec: " + quote(name) + ": executable file not found in $PATH"};
}

std::string exec_error_text(std::string_view path, int error_number) {
  return "exec " + std::string(path) + ": " + reason(error_number);
}

int exit_code_of_start_error(int error_number) { return error_number == ENOENT || error_number == ENOTDIR ? 127 : 126; }

}  // namespace sockerless::agent
