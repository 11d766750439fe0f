#pragma once

#include <sys/types.h>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async.h"

namespace sockerless::agent {

// The built agent program, run by a test. Its output is collected while the test's loop runs.
class AgentProcess {
 public:
  struct Settings {
    std::vector<std::string> arguments;
    std::vector<std::string> environment;
    bool collect_output = true;      // false: nobody reads its stdout
    bool own_process_space = false;  // it is process 1 of a new pid namespace
    int inherited_fd = -1;
    int user = 0;  // and group; 0: the test's own
  };

  AgentProcess(asio::io_context& loop, const Settings& settings);
  ~AgentProcess();
  AgentProcess(const AgentProcess&) = delete;
  AgentProcess& operator=(const AgentProcess&) = delete;

  void send_signal(int signal) const;
  pid_t pid() const { return pid_; }

  // Its exit code once it has ended and all its output is here; 1000+n if signal n killed it.
  std::optional<int> exit_code() const;
  const std::string& out() const { return outputs_->texts[0]; }
  const std::string& err() const { return outputs_->texts[1]; }

 private:
  // Lives as long as reads are under way.
  struct Outputs {
    std::string texts[2];
    bool is_ended[2] = {false, false};
    std::optional<int> exit_code;
  };

  static Awaitable<void> collect(asio::posix::stream_descriptor from, std::shared_ptr<Outputs> outputs, int index);
  static Awaitable<void> watch_exit(asio::posix::stream_descriptor process, pid_t pid,
                                    std::shared_ptr<Outputs> outputs);

  pid_t pid_ = -1;
  int unread_ = -1;
  std::shared_ptr<Outputs> outputs_ = std::make_shared<Outputs>();
};

}  // namespace sockerless::agent
