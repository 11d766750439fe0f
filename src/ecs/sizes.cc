#include "ecs/sizes.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"

namespace sockerless::ecs {
namespace {

struct SizeRow {
  int cpu_units;
  int least_mib;
  int most_mib;
  int step_mib;
};

constexpr std::array<SizeRow, 7> kTable{{{256, 512, 2048, 0},  // 512, 1024 and 2048
                                         {512, 1024, 4096, 1024},
                                         {1024, 2048, 8192, 1024},
                                         {2048, 4096, 16384, 1024},
                                         {4096, 8192, 30720, 1024},
                                         {8192, 16384, 61440, 4096},
                                         {16384, 32768, 122880, 8192}}};

constexpr std::int64_t kMib = 1024 * 1024;

// The row's smallest memory that is large enough; 0 if none is.
int fitting_memory(const SizeRow& row, std::int64_t wanted_mib) {
  if (wanted_mib > row.most_mib) return 0;
  if (wanted_mib <= row.least_mib) return row.least_mib;
  if (row.step_mib == 0) return wanted_mib <= 1024 ? 1024 : 2048;
  const auto above = wanted_mib - row.least_mib;
  return row.least_mib + static_cast<int>((above + row.step_mib - 1) / row.step_mib) * row.step_mib;
}

}  // namespace

TaskSize fitting_size(std::int64_t nano_cpus, std::int64_t memory_bytes) {
  const std::int64_t units = (nano_cpus * 1024 + 999'999'999) / 1'000'000'000;
  const std::int64_t wanted_mib = (memory_bytes + kMib - 1) / kMib;
  for (const SizeRow& row : kTable) {
    if (row.cpu_units < units) continue;
    if (const int memory = fitting_memory(row, wanted_mib)) return {row.cpu_units, memory};
  }
  throw Error(ErrorKind::invalid_argument,
              fmt::format("no Fargate task has {:.2f} CPUs and {} MiB of memory: the largest has 16 "
                          "CPUs and 122880 MiB",
                          static_cast<double>(nano_cpus) / 1e9, wanted_mib));
}

}  // namespace sockerless::ecs
