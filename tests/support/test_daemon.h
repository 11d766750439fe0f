#pragma once

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/temporary_folder.h"
#include "core/archives.h"
#include "core/build/builder.h"
#include "core/changed_sizes.h"
#include "core/containers.h"
#include "core/health.h"
#include "core/staged_merge.h"
#include "docker/api.h"
#include "drivers/synthetic_exec_driver.h"
#include "drivers/synthetic_file_driver.h"
#include "drivers/synthetic_statistics_driver.h"
#include "http/client.h"
#include "http/server.h"
#include "tests/support/fake_backend.h"
#include "tests/support/fake_execs.h"
#include "tests/support/fake_files.h"
#include "tests/support/fake_network.h"
#include "tests/support/fake_statistics.h"
#include "tests/support/manual_clock.h"

namespace sockerless::test {

// Knows the images that the test puts in.
class FakeImageSource final : public core::ImageSource {
 public:
  Awaitable<core::FetchedImage> fetch(core::ImageReference reference, core::Platform platform,
                                      core::RegistryAuth auth) override;
  Awaitable<void> log_in(core::RegistryAuth auth) override;

  std::map<std::string, core::FetchedImage> images;  // by familiar name with tag
  std::optional<Error> failure;
};

struct Reply {
  int status = 0;
  std::string content_type;
  std::string text;
  json::Value body;  // null unless it is JSON

  std::string message() const;
  // The text at a path of members, "State.Status".
  std::string at(std::string_view path) const;
};

// The daemon as clients see it: real server, routes and core over a real loopback socket; only the
// cloud, the agents, the registry and the time are the test's. Everything runs on the calling
// thread: a request returns when the loop has made its reply, so tests need no sleeps and no locks.
class TestDaemon {
 public:
  TestDaemon();
  ~TestDaemon();

  Reply get(const std::string& target) { return send("GET", target, ""); }
  Reply post(const std::string& target, const std::string& body = "") { return send("POST", target, body); }
  Reply put(const std::string& target, const std::string& body) { return send("PUT", target, body); }
  Reply del(const std::string& target) { return send("DELETE", target, ""); }
  Reply request(const std::string& method, const std::string& target, const std::string& body = "") {
    return send(method, target, body);
  }

  // Sends the request and, while it waits for its reply, lets `meanwhile` happen once.
  Reply post_while(const std::string& target, std::function<void()> meanwhile);

  // While a request waits for its reply: lets something happen as soon as something else is so.
  void once(std::function<bool()> is_so, std::function<void()> act);

  // Runs what is ready to run.
  void settle();

  // Creates a container of busybox with the name; returns its id.
  std::string create(const std::string& name, const std::string& more = "");
  // Starts it as an agent that connects and reports does it.
  void start(const std::string& name, const std::string& id);

  // Accepts nothing more and ends what is served, as the daemon does when it shuts down.
  void stop_serving();

  // Serves on a unix socket too; returns its path.
  std::string listen_on_unix();

  docker::Api& api() { return api_; }
  const http::Router& router() const { return api_.router(); }

  core::Container record(const std::string& name) { return containers.get(name); }

  asio::io_context loop;
  ManualClock clock{loop.get_executor()};
  core::MemoryStore store;
  FakeBackend backend;
  FakeAgents agents;
  FakeExecs exec_driver;
  FakeFiles files_driver;
  FakeStatistics statistics_driver;
  FakeNetwork network_driver;
  TemporaryFolder staging_folder{"sockerless-test-"};
  core::Staging staging{store, {.folder = staging_folder.path(), .limit = 1024 * 1024}};
  drivers::SyntheticFileDriver synthetic_files{staging};
  drivers::SyntheticExecDriver synthetic_execs;
  drivers::SyntheticStatisticsDriver synthetic_statistics;
  FakeImageSource source;
  core::Drivers drivers{
      .process = core::DriverChain<core::ProcessDriver>({&agents}),
      .exec = core::DriverChain<core::ExecDriver>({&exec_driver, &synthetic_execs}),
      .files = core::DriverChain<core::FileDriver>({&files_driver, &synthetic_files}),
      .statistics = core::DriverChain<core::StatisticsDriver>({&statistics_driver, &synthetic_statistics}),
      .network = core::DriverChain<core::NetworkDriver>({&network_driver})};
  core::Events events{clock};
  core::Janitor janitor{loop.get_executor(), clock, store, backend};
  core::Services services{clock, store, events, backend, agents, drivers, janitor};
  core::Images images{clock, store, events, source, {}};
  core::Lifecycle lifecycle{loop.get_executor(), services, {}};
  core::Volumes volumes{loop.get_executor(), clock, store, events, lifecycle.table()};
  core::Networks networks{clock, store, events, lifecycle.table(), "test"};
  core::PeerNames peer_names{loop.get_executor(), lifecycle.table(), drivers};
  core::Containers containers{services, images, volumes, networks, lifecycle};
  core::Execs execs{loop.get_executor(), services, lifecycle.table()};
  core::StagedMerge staged_merge{loop.get_executor(), staging, drivers};
  core::Archives archives{services, containers, staging};
  core::ChangedSizes sizes{loop.get_executor(), services};
  core::build::Builder builder{loop.get_executor(), clock, images, staging, staging_folder.path() + "/build"};
  core::Statistics statistics{services, lifecycle.table()};
  core::HealthMonitor health{loop.get_executor(), services, lifecycle, execs};

 private:
  Reply send(std::string method, std::string target, std::string body);
  std::string url() const;

  SystemClock system_clock_{loop.get_executor()};
  docker::Api api_;
  std::unique_ptr<http::Server> server_;
  http::Client client_{loop.get_executor()};
  int port_ = 0;
};

}  // namespace sockerless::test
