#include <gmock/gmock.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <cstdio>
#include <iterator>

#include "cloud/runner/bridge.h"
#include "cloud/runner/cgroup.h"
#include "cloud/runner/runner_fixture.h"

namespace sockerless::cloud {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

int open_descriptors() {
  return static_cast<int>(std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
}

TEST_F(RunnerTest, NoDescriptorIsLost) {
  run_shell("true");
  const int before = open_descriptors();
  for (int i = 0; i < 5; ++i) run_shell("echo x");
  EXPECT_EQ(failure_of(spec({"nosuch"})).empty(), false);
  // A spare network may be in the making at either count; what is lost stays open.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (open_descriptors() > before && std::chrono::steady_clock::now() < until) loop_.poll();
  EXPECT_LE(open_descriptors(), before);
}

// A process that ends while its caller is away must not lose its container's rest.
TEST_F(RunnerTest, EndingWithContainersAtWorkLeavesNothing) {
  for (int i = 0; i < 4; ++i) {
    asio::co_spawn(loop_, runner().start(shell("sleep 100"), ignore()), [](std::exception_ptr, pid_t) {});
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(60);
  while (std::chrono::steady_clock::now() < until) loop_.poll();
  runner_.reset();
  EXPECT_THAT(mounts_below(folder_), IsEmpty());
  EXPECT_FALSE(fs::exists(folder_ + "/state/containers"));
  while (loop_.poll() > 0) continue;
}

TEST_F(RunnerTest, CloudsWithOtherFoldersCoexist) {
  Runner other({.folder = folder_ + "/other"}, loop_.get_executor(), pool_);
  EXPECT_NE(other.gateway(), runner().gateway());
  EXPECT_THROW(Runner({.folder = folder_ + "/other"}, loop_.get_executor(), pool_), Error);
  EXPECT_EQ(run(run_through(other, spec({"/bin/true"}))).exit.code, 0);
  EXPECT_EQ(run_shell("exit 4").exit.code, 4);
}

TEST_F(RunnerTest, UnknownRuntimeIsAnError) {
  EXPECT_THROW(Runner({.folder = folder_ + "/x", .runtime = "nosuch"}, loop_.get_executor(), pool_), Error);
}

// Runs a container with a network in a process of its own and kills that process.
class CrashedRunner {
 public:
  CrashedRunner(const std::string& folder, ContainerSpec spec) {
    int ends[2];
    if (::pipe(ends) < 0) return;
    child_ = ::fork();
    if (child_ == 0) run(folder, std::move(spec), ends[1]);
    ::close(ends[1]);
    char text[64] = {};
    const auto size = ::read(ends[0], text, sizeof text - 1);
    ::close(ends[0]);
    if (size > 0) std::sscanf(text, "%d %31s", &pid, gateway);
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }

  int pid = 0;
  char gateway[32] = {};

 private:
  static Awaitable<void> start(Runner& runner, ContainerSpec spec, int report) {
    spec.network = co_await runner.create_network("task");
    const pid_t pid = co_await runner.start(std::move(spec), [](int, std::string_view) {});
    ::dprintf(report, "%d %s", pid, runner.gateway().c_str());
  }
  [[noreturn]] static void run(const std::string& folder, ContainerSpec spec, int report) {
    asio::io_context loop;
    WorkerPool pool(2);
    Runner runner({.folder = folder}, loop.get_executor(), pool);
    asio::co_spawn(loop, start(runner, std::move(spec), report), asio::detached);
    loop.run();
    ::_exit(1);
  }

  pid_t child_ = -1;
};

TEST(RunnerAfterACrash, NothingIsLeft) {
  if (::geteuid() != 0) GTEST_SKIP() << "running containers needs root";
  char name[] = "/tmp/sockerless-crash-XXXXXX";
  const std::string folder = ::mkdtemp(name);
  fs::create_directories(folder + "/layer/bin");
  fs::copy_file("/bin/busybox", folder + "/layer/bin/sleep");
  ContainerSpec spec;
  spec.id = "crashed";
  spec.image.layers = {folder + "/layer"};
  spec.arguments = {"/bin/sleep", "1000"};
  const CrashedRunner crashed(folder + "/state", std::move(spec));
  ASSERT_GT(crashed.pid, 1);
  EXPECT_EQ(::kill(crashed.pid, 0), 0);
  EXPECT_GE(mounts_below(folder).size(), 2U);
  {
    asio::io_context loop;
    WorkerPool pool(2);
    const Runner runner({.folder = folder + "/state"}, loop.get_executor(), pool);
    EXPECT_EQ(runner.gateway(), crashed.gateway);  // the subnet is kept
    EXPECT_THAT(mounts_below(folder), IsEmpty());
    EXPECT_TRUE(fs::is_empty(folder + "/state/containers"));
    std::ifstream status("/proc/" + std::to_string(crashed.pid) + "/status");
    const std::string text(std::istreambuf_iterator<char>(status), {});
    EXPECT_TRUE(text.empty() || text.find("State:\tZ") != std::string::npos) << text;
  }
  fs::remove_all(folder);
}

TEST(RunnerAfterACrash, TheBridgeOfADeletedFolderIsRemovedByAnotherCloud) {
  if (::geteuid() != 0) GTEST_SKIP() << "running containers needs root";
  char name[] = "/tmp/sockerless-crash-XXXXXX";
  const std::string folder = ::mkdtemp(name);
  fs::create_directories(folder + "/layer/bin");
  fs::copy_file("/bin/busybox", folder + "/layer/bin/sleep");
  ContainerSpec spec;
  spec.id = "crashed";
  spec.image.layers = {folder + "/layer"};
  spec.arguments = {"/bin/sleep", "1000"};
  const std::string state = folder + "/state";
  const CrashedRunner crashed(state, std::move(spec));
  ASSERT_GT(crashed.pid, 1);
  ::kill(crashed.pid, SIGKILL);
  for (const std::string& target : mounts_below(state)) unmount(target);
  fs::remove_all(state);
  const std::string bridge = "skl" + short_name(state);
  EXPECT_NE(::if_nametoindex(bridge.c_str()), 0U);
  {
    asio::io_context loop;
    WorkerPool pool(2);
    const Runner other({.folder = folder + "/other"}, loop.get_executor(), pool);
    EXPECT_EQ(::if_nametoindex(bridge.c_str()), 0U);
  }
  Cgroups().remove("/sockerless/" + short_name(state));
  fs::remove_all(folder);
}

// A cloud in a network namespace of its own: its bridge is not seen here, its control group is.
class HiddenCloud {
 public:
  explicit HiddenCloud(const std::string& folder) {
    int ends[2];
    if (::pipe(ends) < 0) return;
    child_ = ::fork();
    if (child_ == 0) run(folder, ends[1]);
    ::close(ends[1]);
    char ready = 0;
    is_ready = ::read(ends[0], &ready, 1) == 1;
    ::close(ends[0]);
  }
  ~HiddenCloud() { kill(); }

  void kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
  }

  bool is_ready = false;

 private:
  [[noreturn]] static void run(const std::string& folder, int report) {
    if (::unshare(CLONE_NEWNET) < 0) ::_exit(1);
    asio::io_context loop;
    WorkerPool pool(1);
    const Runner runner({.folder = folder}, loop.get_executor(), pool);
    if (::write(report, "r", 1) == 1) ::pause();
    ::_exit(0);
  }

  pid_t child_ = -1;
};

TEST(RunnerCleanup, OnlyAnEndedCloudLosesItsControlGroup) {
  if (::geteuid() != 0) GTEST_SKIP() << "running containers needs root";
  char name[] = "/tmp/sockerless-crash-XXXXXX";
  const std::string folder = ::mkdtemp(name);
  const std::string group = short_name(folder + "/hidden");
  asio::io_context loop;
  WorkerPool pool(2);
  HiddenCloud hidden(folder + "/hidden");
  ASSERT_TRUE(hidden.is_ready);
  { const Runner other({.folder = folder + "/other"}, loop.get_executor(), pool); }
  EXPECT_THAT(Cgroups().below("/sockerless"), Contains(group));
  hidden.kill();
  { const Runner other({.folder = folder + "/other"}, loop.get_executor(), pool); }
  EXPECT_THAT(Cgroups().below("/sockerless"), Not(Contains(group)));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace sockerless::cloud
