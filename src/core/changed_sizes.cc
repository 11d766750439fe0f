#include "core/changed_sizes.h"

#include <algorithm>

#include "base/log.h"

namespace sockerless::core {
namespace {

const Logger log("sizes");

constexpr auto kLongest = std::chrono::seconds(3);  // that a client waits

}  // namespace

Awaitable<std::map<std::string, std::int64_t>> ChangedSizes::measure(std::vector<Container> containers) {
  std::vector<LookPointer> looks;
  for (const Container& container : containers) {
    if (container.state.is_running() && services_.agents.is_connected(container.id)) {
      looks.push_back(look_at(container));
    }
  }
  const auto deadline = services_.clock.steady_now() + kLongest;
  std::map<std::string, std::int64_t> sizes;
  for (const LookPointer& look : looks) {
    const auto left = std::max(deadline - services_.clock.steady_now(), Clock::Duration::zero());
    co_await look->over.wait_for(services_.clock, left);
    if (look->size) sizes[look->container.id] = *look->size;
  }
  co_return sizes;
}

ChangedSizes::LookPointer ChangedSizes::look_at(const Container& container) {
  LookPointer& look = looks_[container.id];
  if (look) return look;
  look = std::make_shared<Look>();
  look->container = container;
  const LookPointer begun = look;
  tasks_.spawn("measure files", run(begun));
  return begun;
}

Awaitable<void> ChangedSizes::run(LookPointer look) {
  const Turns::Turn turn = co_await turns_.take();
  try {
    look->size = co_await services_.drivers.files.pick(look->container).changed_size(look->container);
  } catch (const Error& error) {
    log.debug("the size of a container's files is not known",
              {{"container", look->container.short_id()}, {"error", error.what()}});
  }
  looks_.erase(look->container.id);
  look->over.set();
}

}  // namespace sockerless::core
