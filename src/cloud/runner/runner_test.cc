#include "cloud/runner/runner.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cloud/images/descriptor.h"
#include "cloud/runner/overlay.h"

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Result {
  ContainerExit exit;
  std::string out;
  std::string error;
};

// The whole life of a container.
Awaitable<Result> run_through(Runner& runner, ContainerSpec spec) {
  auto result = std::make_shared<Result>();
  const std::string id = spec.id;
  co_await runner.start(std::move(spec), [result](int stream, std::string_view bytes) {
    (stream == 1 ? result->out : result->error).append(bytes);
  });
  result->exit = co_await runner.wait(id);
  co_await runner.remove(id);
  co_return std::move(*result);
}

Awaitable<void> run_and_count(Runner& runner, ContainerSpec spec, std::string expected, int& good, int& done) {
  spec.network = co_await runner.create_network(spec.id);
  const std::string id = spec.id;
  const Result result = co_await run_through(runner, std::move(spec));
  co_await runner.remove_network(id);
  if (result.out == expected && result.exit.code == 0) ++good;
  ++done;
}

class RunnerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "running containers needs root";
    char name[] = "/tmp/sockerless-runner-XXXXXX";
    folder_ = ::mkdtemp(name);
    make_layer();
  }
  void TearDown() override {
    runner_.reset();
    loop_.poll();
    if (folder_.empty()) return;
    EXPECT_THAT(mounts_below(folder_), IsEmpty());
    fs::remove_all(folder_);
  }

  void make_layer() {
    layer_ = folder_ + "/layer";
    for (const char* each : {"", "/bin", "/etc", "/tmp"}) fs::create_directory(layer_ + each);
    fs::permissions(layer_, fs::perms(0755));
    fs::copy_file("/bin/busybox", layer_ + "/bin/busybox");
    for (const char* tool :
         {"sh", "echo", "true", "id", "cat", "touch", "sleep", "nc", "env", "pwd", "dd", "tail", "ls"}) {
      fs::create_symlink("busybox", layer_ + "/bin/" + tool);
    }
    std::ofstream(layer_ + "/etc/passwd") << "root:x:0:0::/root:/bin/sh\nme:x:1000:100::/home/me:/bin/sh\n";
    std::ofstream(layer_ + "/etc/group") << "users:x:100:\nwheel:x:10:me\n";
    std::ofstream(layer_ + "/etc/plain") << "not a program\n";
  }

  Runner& runner() {
    if (!runner_) {
      runner_ = std::make_unique<Runner>(Runner::Settings{.folder = folder_ + "/state"}, loop_.get_executor(), pool_);
    }
    return *runner_;
  }

  ContainerSpec spec(std::vector<std::string> arguments) {
    ContainerSpec spec;
    spec.id = "test-" + std::to_string(++containers_);
    spec.image.layers = {layer_};
    spec.arguments = std::move(arguments);
    return spec;
  }
  ContainerSpec shell(const std::string& script) { return spec({"/bin/sh", "-c", script}); }

  template <typename T>
  T run(Awaitable<T> task) {
    std::exception_ptr failure;
    bool done = false;
    std::optional<std::conditional_t<std::is_void_v<T>, int, T>> result;
    const auto finish = [&](std::exception_ptr error) {
      failure = error;
      done = true;
    };
    if constexpr (std::is_void_v<T>) {
      asio::co_spawn(loop_, std::move(task), finish);
    } else {
      asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr error, T value) {
        if (!error) result = std::move(value);
        finish(error);
      });
    }
    while (!done) loop_.run_one();
    if (failure) std::rethrow_exception(failure);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }

  Result run_container(ContainerSpec spec) { return run(run_through(runner(), std::move(spec))); }
  Result run_shell(const std::string& script) { return run_container(shell(script)); }
  static Runner::Output ignore() {
    return [](int, std::string_view) {};
  }

  std::string failure_of(ContainerSpec spec) {
    try {
      run_container(std::move(spec));
    } catch (const StartError& error) {
      return error.what();
    }
    return "no failure";
  }

  // What a server at the address says; empty if none answers.
  static std::string ask(const std::string& address, int port) {
    for (int attempt = 0; attempt < 200; ++attempt) {
      const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_port = htons(static_cast<std::uint16_t>(port));
      ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
      if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) {
        char buffer[64];
        const auto size = ::recv(socket.get(), buffer, sizeof buffer, 0);
        return std::string(buffer, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
      }
      ::poll(nullptr, 0, 10);
    }
    return {};
  }

  asio::io_context loop_;
  asio::executor_work_guard<asio::io_context::executor_type> running_{loop_.get_executor()};
  WorkerPool pool_{4};
  std::string folder_;
  std::string layer_;
  int containers_ = 0;
  std::unique_ptr<Runner> runner_;
};

TEST_F(RunnerTest, OutputAndExitCodeArrive) {
  const Result result = run_shell("echo out; echo error >&2; exit 7");
  EXPECT_EQ(result.out, "out\n");
  EXPECT_EQ(result.error, "error\n");
  EXPECT_EQ(result.exit.code, 7);
  EXPECT_FALSE(result.exit.out_of_memory);
  EXPECT_TRUE(fs::is_empty(folder_ + "/state/containers"));
  EXPECT_TRUE(fs::is_empty(folder_ + "/state/runtime"));
}

TEST_F(RunnerTest, MuchOutputArrivesWhole) {
  const Result result = run_shell("dd if=/dev/zero bs=65536 count=160 2>/dev/null; echo end >&2");
  EXPECT_EQ(result.out.size(), 160U * 65536U);
  EXPECT_EQ(result.error, "end\n");
}

TEST_F(RunnerTest, SignalsArriveAndDeathByOneIsAnExitCode) {
  Runner& runner = this->runner();
  run(runner.start(spec({"/bin/sleep", "100"}), ignore()));
  run(runner.signal("test-1", SIGKILL));
  EXPECT_EQ(run(runner.wait("test-1")).code, 137);
  run(runner.signal("test-1", SIGKILL));  // has ended

  auto out = std::make_shared<std::string>();
  run(runner.start(shell("trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done"),
                   [out](int, std::string_view bytes) { out->append(bytes); }));
  while (out->empty()) loop_.run_one();
  run(runner.signal("test-2", SIGTERM));
  EXPECT_EQ(run(runner.wait("test-2")).code, 3);
}

TEST_F(RunnerTest, EnvironmentIsTheImagesChangedByTheTasks) {
  ContainerSpec spec = shell("echo $A $B $C $HOME $HOSTNAME; echo $PATH");
  spec.image.environment = {"A=image", "B=image"};
  spec.environment = {"B=task", "C=with space"};
  spec.user = "me";
  spec.hostname = "ip-10-0-0-1.ec2.internal";
  EXPECT_EQ(run_container(std::move(spec)).out,
            "image task with space /home/me ip-10-0-0-1.ec2.internal\n"
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
}

TEST_F(RunnerTest, UserIsLookedUpInTheImage) {
  ContainerSpec spec = shell("id");
  spec.user = "me";
  EXPECT_EQ(run_container(std::move(spec)).out, "uid=1000(me) gid=100(users) groups=10(wheel),100(users)\n");
}

TEST_F(RunnerTest, WorkingDirectoryIsMadeIfMissing) {
  ContainerSpec spec = shell("pwd");
  spec.image.working_directory = "/of/image";
  EXPECT_EQ(run_container(spec).out, "/of/image\n");
  spec.id = "other";
  spec.working_directory = "/of/task";
  EXPECT_EQ(run_container(std::move(spec)).out, "/of/task\n");
}

TEST_F(RunnerTest, WritesStayInTheContainer) {
  EXPECT_EQ(run_shell("touch /new /bin/sh; echo x > /etc/plain; cat /etc/plain").out, "x\n");
  EXPECT_FALSE(fs::exists(layer_ + "/new"));
  EXPECT_EQ(run_shell("ls /new 2>&1; cat /etc/plain").out, "ls: /new: No such file or directory\nnot a program\n");
}

TEST_F(RunnerTest, ReadOnlyRootRefusesWrites) {
  ContainerSpec spec = shell("touch /x; touch /dev/shm/x && echo shm");
  spec.read_only_root = true;
  const Result result = run_container(std::move(spec));
  EXPECT_EQ(result.error, "touch: /x: Read-only file system\n");
  EXPECT_EQ(result.out, "shm\n");
}

TEST_F(RunnerTest, MountsAreThereAndMayBeReadOnly) {
  fs::create_directories(folder_ + "/volume/inner");
  std::ofstream(folder_ + "/volume/file") << "text\n";
  ContainerSpec spec = shell("cat /a/b/file; touch /a/b/new; touch /a/b/c/new; echo $?");
  spec.mounts = {{folder_ + "/volume/inner", "/a/b/c", false}, {folder_ + "/volume", "/a/b/", true}};
  fs::create_directories(folder_ + "/volume/c");
  const Result result = run_container(std::move(spec));
  EXPECT_EQ(result.out, "text\n0\n");
  EXPECT_EQ(result.error, "touch: /a/b/new: Read-only file system\n");
  EXPECT_TRUE(fs::exists(folder_ + "/volume/inner/new"));
}

TEST_F(RunnerTest, ManyLayersAreStacked) {
  ContainerSpec spec = shell("cat /layers/l1 /layers/l60 /top");
  const std::string folder = folder_ + "/layers-with-a-long-name-so-that-they-fill-the-page-of-options";
  for (int i = 1; i <= 60; ++i) {
    const std::string layer = folder + "/" + std::to_string(i) + std::string(64, 'x');
    fs::create_directories(layer + "/layers");
    std::ofstream(layer + "/layers/l" + std::to_string(i)) << i << '\n';
    std::ofstream(layer + "/top") << "top " << i << '\n';
    spec.image.layers.push_back(layer);
  }
  EXPECT_EQ(run_container(std::move(spec)).out, "1\n60\ntop 60\n");
}

TEST_F(RunnerTest, TooMuchMemoryIsNoticed) {
  ContainerSpec spec = shell("tail /dev/zero");
  spec.memory_bytes = 16 << 20;
  const Result result = run_container(std::move(spec));
  EXPECT_TRUE(result.exit.out_of_memory);
  EXPECT_EQ(result.exit.code, 137);
}

TEST_F(RunnerTest, LimitsAndCapabilitiesAreSet) {
  ContainerSpec spec = shell("ulimit -n; ulimit -u; grep CapEff /proc/self/status");
  fs::create_symlink("busybox", layer_ + "/bin/grep");
  spec.ulimits = {{"nofile", 100, 200}, {"nproc", 50, 50}};
  spec.dropped_capabilities = {"ALL"};
  spec.added_capabilities = {"CHOWN"};
  EXPECT_EQ(run_container(std::move(spec)).out, "100\n50\nCapEff:\t0000000000000001\n");
}

TEST_F(RunnerTest, FailuresToStartHaveDockersText) {
  const std::string start =
      "CannotStartContainerError: Error response from daemon: failed to create task for container: failed to create "
      "shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: ";
  EXPECT_EQ(failure_of(spec({"nosuch"})), start + "\"nosuch\": executable file not found in $PATH: unknown");
  EXPECT_EQ(failure_of(spec({"/no/such"})), start + "\"/no/such\": stat /no/such: no such file or directory: unknown");
  EXPECT_EQ(failure_of(spec({"/etc/plain"})), start + "\"/etc/plain\": permission denied: unknown");
  ContainerSpec unknown_user = spec({"/bin/true"});
  unknown_user.user = "nobody";
  EXPECT_EQ(failure_of(std::move(unknown_user)),
            "CannotStartContainerError: Error response from daemon: unable to find user nobody: no matching entries in "
            "passwd file");
  EXPECT_THAT(failure_of(spec({})), HasSubstr("no command specified"));
  EXPECT_TRUE(fs::is_empty(folder_ + "/state/containers"));
  EXPECT_EQ(run_shell("echo still works").out, "still works\n");
}

TEST_F(RunnerTest, InitRunsOrSaysWhatIsMissing) {
  ContainerSpec spec = shell("cat /proc/1/comm");
  spec.init = true;
  std::string out;
  try {
    out = run_container(std::move(spec)).out;
  } catch (const StartError& error) {
    EXPECT_THAT(error.what(), HasSubstr("install catatonit or tini"));
    return;
  }
  EXPECT_EQ(out, "docker-init\n");
}

TEST_F(RunnerTest, TasksReachEachOtherAndTheHostReachesThem) {
  Runner& runner = this->runner();
  ContainerSpec server = shell("while :; do echo hello from $HOSTNAME | nc -l -p 8080; done");
  server.hostname = "server";
  server.network = run(runner.create_network("server"));
  const std::string address = server.network.address;
  run(runner.start(std::move(server), ignore()));
  EXPECT_EQ(ask(address, 8080), "hello from server\n");

  ContainerSpec client = shell("until nc " + address + " 8080 </dev/null; do sleep 0.01; done; cat /etc/hosts");
  client.hostname = "client";
  client.network = run(runner.create_network("client"));
  const std::string own_address = client.network.address;
  const std::string own_namespace = client.network.namespace_path;
  const std::string out = run_container(std::move(client)).out;
  EXPECT_THAT(out, HasSubstr("hello from server\n"));
  EXPECT_THAT(out, HasSubstr(own_address + "\tclient\n"));
  run(runner.remove("test-1"));
  run(runner.remove_network("server"));
  run(runner.remove_network("client"));
  EXPECT_FALSE(fs::exists(fs::path(own_namespace).parent_path()));
}

TEST_F(RunnerTest, ATaskReachesTheHostAtTheGateway) {
  const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  ::inet_pton(AF_INET, runner().gateway().c_str(), &at.sin_addr);
  socklen_t size = sizeof at;
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&at), size), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&at), &size);
  ContainerSpec client = spec({"/bin/nc", runner().gateway(), std::to_string(ntohs(at.sin_port)), "-e", "/bin/true"});
  client.network = run(runner().create_network("client"));
  EXPECT_EQ(client.network.gateway, runner().gateway());
  EXPECT_EQ(run_container(std::move(client)).exit.code, 0);
}

TEST_F(RunnerTest, ContainersOfATaskShareItsNetwork) {
  const Network network = run(runner().create_network("task"));
  EXPECT_EQ(run(runner().create_network("task")).address, network.address);
  ContainerSpec server = shell("while :; do echo shared | nc -l -p 9000; done");
  server.network = network;
  run(runner().start(std::move(server), ignore()));
  ContainerSpec client = shell("until nc 127.0.0.1 9000 </dev/null; do sleep 0.01; done");
  client.network = network;
  EXPECT_EQ(run_container(std::move(client)).out, "shared\n");
}

TEST_F(RunnerTest, RemoveKillsAndIsIdempotent) {
  Runner& runner = this->runner();
  run(runner.start(spec({"/bin/sleep", "100"}), ignore()));
  run(runner.remove("test-1"));
  run(runner.remove("test-1"));
  EXPECT_THROW(run(runner.wait("test-1")), Error);
  ContainerSpec again = spec({"/bin/true"});
  again.id = "test-1";
  EXPECT_EQ(run_container(std::move(again)).exit.code, 0);
}

TEST_F(RunnerTest, TwentyContainersStartAtOnce) {
  int good = 0;
  int done = 0;
  for (int i = 0; i < 20; ++i) {
    asio::co_spawn(loop_,
                   run_and_count(runner(), shell("echo " + std::to_string(i)), std::to_string(i) + "\n", good, done),
                   asio::detached);
  }
  while (done < 20) loop_.run_one();
  EXPECT_EQ(good, 20);
}

int open_descriptors() {
  return static_cast<int>(std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
}

TEST_F(RunnerTest, NoDescriptorIsLost) {
  run_shell("true");
  const int before = open_descriptors();
  for (int i = 0; i < 5; ++i) run_shell("echo x");
  EXPECT_EQ(failure_of(spec({"nosuch"})).empty(), false);
  EXPECT_EQ(open_descriptors(), before);
}

// A process that ends while its caller is away must not lose its container's rest.
TEST_F(RunnerTest, EndingWithContainersAtWorkLeavesNothing) {
  int good = 0;
  int done = 0;
  for (int i = 0; i < 4; ++i) {
    asio::co_spawn(loop_, run_and_count(runner(), shell("sleep 100"), "", good, done), asio::detached);
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
  EXPECT_EQ(mounts_below(folder).size(), 2U);
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

TEST_F(RunnerTest, StartIsMeasured) {
  std::vector<double> starts;
  std::vector<double> cycles;
  std::vector<double> networks;
  for (int i = 0; i < 20; ++i) {
    ContainerSpec spec = this->spec({"/bin/true"});
    spec.cpu_units = 256;
    spec.memory_bytes = 512 << 20;
    const std::string id = spec.id;
    runner();
    const auto begin = std::chrono::steady_clock::now();
    const auto elapsed = [&] {
      return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    };
    spec.network = run(runner().create_network(id));
    networks.push_back(elapsed());
    run(runner().start(std::move(spec), ignore()));
    starts.push_back(elapsed());
    run(runner().wait(id));
    run(runner().remove(id));
    run(runner().remove_network(id));
    cycles.push_back(elapsed());
  }
  std::sort(starts.begin(), starts.end());
  std::sort(cycles.begin(), cycles.end());
  std::sort(networks.begin(), networks.end());
  std::printf(
      "network: p50 %.1f ms; create to started: p50 %.1f ms, p90 %.1f ms; whole cycle: p50 %.1f ms, p90 %.1f ms\n",
      networks[10], starts[10], starts[18], cycles[10], cycles[18]);
}

}  // namespace
}  // namespace sockerless::cloud
