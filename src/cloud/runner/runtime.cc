#include "cloud/runner/runtime.h"

#include <unistd.h>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "base/rollback.h"
#include "cloud/runner/process.h"

namespace sockerless::cloud {
namespace {

struct LogLine {
  std::string level;
  std::string message;

  static constexpr auto fields() {
    return std::tuple{json::field("level", &LogLine::level), json::field("msg", &LogLine::message)};
  }
};

// The last error of the runtime's log.
std::string failure_text(const std::string& log) {
  std::string text = "no error message";
  std::ifstream file(log);
  for (std::string line; std::getline(file, line);) {
    try {
      const auto parsed = json::parse<LogLine>(line);
      if (parsed.level == "error") text = parsed.message;
    } catch (const Error&) {
      text = line;  // a runtime that was killed half-way through a line
    }
  }
  // Docker creates and starts apart, so its users know the one text.
  constexpr std::string_view kRun = "runc run failed: ";
  if (text.starts_with(kRun)) text = "runc create failed: " + text.substr(kRun.size());
  return text;
}

pid_t read_pid(const std::string& path) {
  std::ifstream file(path);
  pid_t pid = 0;
  if (!(file >> pid) || pid <= 1) throw Error(ErrorKind::internal, "the container runtime told no process id");
  return pid;
}

}  // namespace

Runtime::Runtime(const std::string& program, std::string state_folder)
    : program_(program.find('/') == std::string::npos ? find_program(program) : program),
      state_folder_(std::move(state_folder)) {
  if (program_.empty() || ::access(program_.c_str(), X_OK) != 0) {
    throw Error(ErrorKind::invalid_argument, fmt::format("the container runtime {} is not installed", program));
  }
}

pid_t Runtime::run(const Run& run) const {
  const std::string log = run.bundle + "/runtime.log";
  const std::string pid_file = run.bundle + "/runtime.pid";
  const Command command{.arguments = {program_, "--root", state_folder_, "--log", log, "--log-format", "json", "run",
                                      "--detach", "--bundle", run.bundle, "--pid-file", pid_file, run.id},
                        .out = run.out,
                        .error = run.error};
  const int code = run_program(command);
  if (code != 0) throw Error(ErrorKind::unavailable, failure_text(log));
  return read_pid(pid_file);
}

pid_t Runtime::exec(const std::string& id, const std::string& bundle, const std::vector<std::string>& arguments) const {
  const std::string files = fmt::format("{}/exec-{}", bundle, random_hex(8));
  const std::string log = files + ".log";
  const std::string pid_file = files + ".pid";
  const Rollback remove([&] {
    ::unlink(log.c_str());
    ::unlink(pid_file.c_str());
  });
  Command command{.arguments = {program_, "--root", state_folder_, "--log", log, "--log-format", "json", "exec",
                                "--detach", "--pid-file", pid_file, id}};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  if (run_program(command) != 0) throw Error(ErrorKind::unavailable, failure_text(log));
  return read_pid(pid_file);
}

void Runtime::remove(const std::string& id) const {
  if (!std::filesystem::exists(state_folder_ + "/" + id)) return;
  run_program({.arguments = {program_, "--root", state_folder_, "delete", "--force", id}});
}

}  // namespace sockerless::cloud
