#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "drivers/ps_arguments.h"
#include "drivers/resource_facts.h"

using namespace sockerless;           // NOLINT: a harness is one function
using namespace sockerless::drivers;  // NOLINT

namespace {

constexpr const char* kAllColumns =
    "-o pid,user,comm,args,tty,stat,time,bsdtime,etime,stime,bsdstart,start,lstart,c,pcpu,pmem,vsz,rss,sz,pri,f,psr";

void check_process(const std::string& text) {
  const auto half = text.size() / 2;
  const agent::ProcessFacts facts{.stat = text,
                                  .status = text.substr(half),
                                  .arguments = text.substr(0, half),
                                  .user = text.substr(half),
                                  .real_user = {},
                                  .group = {},
                                  .real_group = {}};
  const auto process = parse_process(facts);
  if (!process) return;
  const PsMoment moment{{.uptime = 1000, .memory = 1 << 20}, Time(std::chrono::seconds(1'700'000'000))};
  for (const PsTitledColumn& column : parse_ps_arguments(kAllColumns)) column.column->value(*process, moment);
}

}  // namespace

// What an agent may send as the kernel's texts, and what a client may send as arguments of ps.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static constexpr const char* kFiles[] = {
      "/proc/stat",
      "/proc/meminfo",
      "/proc/net/dev",
      "/sys/fs/cgroup/cpu.stat",
      "/sys/fs/cgroup/io.stat",
      "/sys/fs/cgroup/cpuacct/cpuacct.usage_percpu",
      "/sys/fs/cgroup/memory/memory.stat",
      "/sys/fs/cgroup/blkio/blkio.throttle.io_service_bytes_recursive",
  };
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  sample_of({{kFiles[data[0] % std::size(kFiles)], text}}, {});
  check_process(text);
  try {
    if (parse_ps_arguments(text).empty()) std::abort();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::invalid_argument) std::abort();
  }
  return 0;
}
