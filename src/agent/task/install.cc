#include "agent/task/install.h"

#include <sys/sendfile.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "agent/task/file_descriptor.h"

namespace sockerless::agent {

namespace {

// 0, or the error number.
int copy(int from, int to) {
  for (;;) {
    const ssize_t count = sendfile(to, from, nullptr, 1 << 20);
    if (count == 0) return 0;
    if (count < 0 && errno != EINTR) return errno;
  }
}

}  // namespace

std::string install(const std::string& folder) {
  const std::string target = folder + "/sockerless-agent";
  const std::string partial = target + ".new";
  mkdir(folder.c_str(), 0755);
  const FileDescriptor from(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const FileDescriptor to(open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755));
  if (!from || !to) return "cannot write " + partial + ": " + strerror(errno);
  int error = copy(from.get(), to.get());
  if (error == 0 && fchmod(to.get(), 0755) != 0) error = errno;
  // By renaming, so that whoever runs the old one or looks meanwhile sees a whole file.
  if (error == 0 && rename(partial.c_str(), target.c_str()) != 0) error = errno;
  if (error == 0) return {};
  unlink(partial.c_str());
  return "cannot install " + target + ": " + strerror(error);
}

}  // namespace sockerless::agent
