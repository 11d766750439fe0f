#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cloud/runner/overlay.h"
#include "cloud/runner/runner.h"

namespace sockerless::cloud {

namespace fs = std::filesystem;

struct Result {
  ContainerExit exit;
  std::string out;
  std::string error;
};

// The whole life of a container.
inline Awaitable<Result> run_through(Runner& runner, ContainerSpec spec) {
  auto result = std::make_shared<Result>();
  const std::string id = spec.id;
  co_await runner.start(std::move(spec), [result](int stream, std::string_view bytes) {
    (stream == 1 ? result->out : result->error).append(bytes);
  });
  result->exit = co_await runner.wait(id);
  co_await runner.remove(id);
  co_return std::move(*result);
}

inline Awaitable<void> run_and_count(Runner& runner, ContainerSpec spec, std::string expected, int& good, int& done) {
  spec.network = co_await runner.create_network(spec.id);
  const std::string id = spec.id;
  const Result result = co_await run_through(runner, std::move(spec));
  co_await runner.remove_network(id);
  if (result.out == expected && result.exit.code == 0) ++good;
  ++done;
}

// A runner in a folder of its own, and an image that has busybox.
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
    EXPECT_TRUE(mounts_below(folder_).empty());
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

  asio::io_context loop_;
  asio::executor_work_guard<asio::io_context::executor_type> running_{loop_.get_executor()};
  WorkerPool pool_{4};
  std::string folder_;
  std::string layer_;
  int containers_ = 0;
  std::unique_ptr<Runner> runner_;
};

}  // namespace sockerless::cloud
