#include "core/helper_autostop.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "base/log.h"

namespace sockerless::core {
namespace {

const Logger log("helpers");

}  // namespace

bool waits_for_execs(const Container& container) {
  const std::string command = fmt::format("{} {}", container.path, fmt::join(container.args, " "));
  return command.find("tail -f /dev/null") != std::string::npos;
}

void HelperAutostop::recover() {
  for (const EntryPointer& entry : lifecycle_.table().all()) {
    if (entry->record.state.status == Status::running && entry->record.state.started_at != 0) container_started(entry);
  }
}

void HelperAutostop::container_started(const EntryPointer& entry) {
  if (waits_for_execs(entry->record)) return;
  tasks_.spawn("stop helper", stop_later(entry, entry->record.current_launch()->id));
}

Awaitable<void> HelperAutostop::stop_later(EntryPointer entry, std::string launch_id) {
  co_await clock_.sleep(kHelperLife);
  const Launch* launch = entry->record.current_launch();
  if (entry->removed || launch == nullptr || launch->id != launch_id || launch->has_ended()) co_return;
  try {
    co_await lifecycle_.stop(entry, {});
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::not_modified) co_return;  // it has ended meanwhile
    log.warn("a helper container could not be stopped",
             {{"container", entry->record.short_id()}, {"error", error.what()}});
  }
}

}  // namespace sockerless::core
