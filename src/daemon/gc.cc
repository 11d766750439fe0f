#include "daemon/gc.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "core/lifecycle.h"
#include "core/store.h"
#include "daemon/aws_access.h"
#include "daemon/run_command.h"
#include "daemon/settings.h"
#include "ecs/fargate_backend.h"
#include "ecs/inventory.h"

namespace sockerless::daemon {
namespace {

// What the state folder remembers; the folder is locked while this lives, so no daemon uses it.
class Memory {
 public:
  Memory(const std::string& folder, Executor executor) {
    if (folder == "none" || !std::filesystem::exists(folder + "/state.db")) return;
    store_ = std::make_unique<core::SqliteStore>(folder, std::move(executor));
    for (const auto& [id, document] : store_->load(core::Lifecycle::kTable)) {
      const auto container = core::read_row<core::Container>(core::Lifecycle::kTable, id, document);
      containers_.insert(container.id);
      for (const core::Launch& launch : container.launches) {
        if (!launch.has_ended()) launches_.insert(launch.id);
      }
    }
  }

  bool knows_launch(const std::string& id) const { return launches_.contains(id); }
  bool knows_container(const std::string& id) const { return containers_.contains(id); }
  std::vector<std::string> containers() const { return {containers_.begin(), containers_.end()}; }

 private:
  std::unique_ptr<core::SqliteStore> store_;
  std::set<std::string> containers_;
  std::set<std::string> launches_;
};

class Collector {
 public:
  Collector(asio::io_context& loop, const GcOptions& options, const std::string& folder)
      : options_(options),
        clock_(loop.get_executor()),
        memory_(folder, loop.get_executor()),
        access_(loop.get_executor(), clock_, options, ""),
        settings_(fargate_settings(options, instance_name(options, folder))),
        inventory_(access_.client(), settings_),
        backend_(loop.get_executor(), clock_, access_.client(), settings_) {}

  Awaitable<int> run() {
    for (const core::OwnedTask& task : co_await inventory_.tasks({})) {
      if (memory_.knows_launch(task.launch_id) || is_young(task.created_at)) continue;
      co_await end("task", task.task, backend_.stop(task.task, "sockerless gc: no record of this task"));
    }
    for (const core::OwnedDefinition& found : co_await inventory_.definitions(memory_.containers())) {
      if (memory_.knows_container(found.container_id) || is_young(found.registered_at)) continue;
      co_await end("task definition", found.definition, backend_.deregister(found.definition));
    }
    std::printf("%s%d ended, %d failed\n", options_.dry_run() ? "dry run: " : "", ended_, failed_);
    co_return failed_ == 0 ? 0 : 1;
  }

 private:
  bool is_young(Time since) const { return clock_.now() - since < options_.older_than(); }

  Awaitable<void> end(std::string_view what, std::string name, Awaitable<void> work) {
    if (options_.dry_run()) {
      std::printf("would end %s %s\n", std::string(what).c_str(), name.c_str());
      co_return;
    }
    try {
      co_await std::move(work);
      ++ended_;
      std::printf("ended %s %s\n", std::string(what).c_str(), name.c_str());
    } catch (const Error& error) {
      ++failed_;
      std::fprintf(stderr, "sockerlessd gc: %s %s: %s\n", std::string(what).c_str(), name.c_str(), error.what());
    }
  }

  const GcOptions& options_;
  SystemClock clock_;
  Memory memory_;
  AwsAccess access_;
  ecs::FargateSettings settings_;
  ecs::Inventory inventory_;
  ecs::FargateBackend backend_;
  int ended_ = 0;
  int failed_ = 0;
};

}  // namespace

int collect_garbage(const Arguments& arguments, const config::Options::Environment& environment) {
  GcOptions options;
  if (is_help_wanted(arguments, "gc", options)) return 0;
  options.load(arguments, environment);
  if (options.local()) {
    throw Error(ErrorKind::invalid_argument, "gc is for AWS: the local cloud's tasks end with their daemon");
  }
  const std::string folder = state_folder(options);
  if (options.instance().empty() && !std::filesystem::exists(folder + "/instance")) {
    throw Error(ErrorKind::invalid_argument,
                fmt::format("no daemon has used the state folder {}; name the instance with --instance", folder));
  }
  asio::io_context loop(1);
  Collector collector(loop, options, folder);
  return run_command(loop, collector.run());
}

}  // namespace sockerless::daemon
