#include "core/statistics.h"

#include "core/errors.h"

namespace sockerless::core {

Awaitable<ProcessList> Statistics::top(std::string reference, std::string arguments) {
  const Container container = table_.get(reference)->record;
  if (container.state.restarting && !container.state.is_running()) throw container_is_restarting(container.id);
  if (!container.state.is_running()) throw not_running(container.id);
  ProcessList list = co_await services_.drivers.statistics.pick(container).top(container, std::move(arguments));
  services_.events.publish(container, "top", {});
  co_return list;
}

Awaitable<std::optional<ResourceSample>> Statistics::sample(std::string reference) {
  const EntryPointer entry = table_.get(reference);
  const Container container = entry->record;
  if (!container.state.is_running()) co_return std::nullopt;
  std::optional<ResourceSample> sample;
  try {
    sample = co_await services_.drivers.statistics.pick(container).sample(container);
  } catch (const Error&) {
    // An agent that leaves with its container is no failure.
    if (entry->record.state.is_running()) throw;
  }
  if (entry->removed) throw no_such_container(reference);
  co_return sample;
}

}  // namespace sockerless::core
