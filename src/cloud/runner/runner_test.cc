#include "cloud/runner/runner.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <cstdio>

#include "cloud/runner/runner_fixture.h"

namespace sockerless::cloud {
namespace {

using testing::HasSubstr;

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
