#include "aws/process_credentials.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <chrono>
#include <csignal>
#include <cstring>

#include "base/error.h"
#include "base/json.h"

namespace sockerless::aws {
namespace {

constexpr auto kLongest = std::chrono::minutes(1);
constexpr std::size_t kOutputLimit = 64 * 1024;

struct ProcessAnswer {
  int version = 0;
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;
  std::string expiration;

  static constexpr auto fields() {
    using A = ProcessAnswer;
    using json::field;
    return std::tuple{field("Version", &A::version), field("AccessKeyId", &A::access_key_id),
                      field("SecretAccessKey", &A::secret_access_key), field("SessionToken", &A::session_token),
                      field("Expiration", &A::expiration)};
  }
};

Error failed(const std::string& command, std::string_view why) {
  return {ErrorKind::forbidden, fmt::format("no AWS credentials from credential_process \"{}\": {}", command, why)};
}

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw Error(ErrorKind::unavailable, "no pipe can be made");
  }
  ~Pipe() {
    ::close(ends_[0]);
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

pid_t start(std::vector<std::string> words, const Pipe& output) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, output.writer(), STDOUT_FILENO);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, arguments.front(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw failed(words.front(), std::strerror(error));
  return pid;
}

// All that comes until the writer closes. False if that takes too long or is too much.
bool read_all(int from, std::string& output) {
  const auto end = std::chrono::steady_clock::now() + kLongest;
  std::array<char, 4096> buffer{};
  while (output.size() < kOutputLimit) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd wanted{from, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&wanted, 1, static_cast<int>(left.count())) <= 0) return false;
    const ssize_t count = ::read(from, buffer.data(), buffer.size());
    if (count <= 0) return count == 0;
    output.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return false;
}

std::string output_of(const std::string& command) {
  const std::vector<std::string> words = split_command(command);
  if (words.empty()) throw failed(command, "it names no program");
  Pipe pipe;
  const pid_t pid = start(words, pipe);
  pipe.close_writer();
  std::string output;
  const bool ended = read_all(pipe.reader(), output);
  if (!ended) ::kill(pid, SIGKILL);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (!ended) throw failed(command, "it takes longer than a minute, or says too much");
  if (status != 0) {
    throw failed(command, fmt::format("it ended with status {} (its error output is in the daemon's)",
                                      WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)));
  }
  return output;
}

}  // namespace

std::vector<std::string> split_command(std::string_view command) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = '\0';
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    if (quote == '\0' && std::isspace(static_cast<unsigned char>(c)) != 0) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (quote != '\0' && c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < command.size()) {
      words.back() += command[++i];
    } else {
      words.back() += c;
    }
  }
  if (quote != '\0') throw failed(std::string(command), "a quote is not closed");
  return words;
}

Awaitable<Credentials> run_credential_process(WorkerPool& pool, std::string command) {
  const std::string output = co_await pool.run([command] { return output_of(command); });
  ProcessAnswer answer;
  try {
    answer = json::parse<ProcessAnswer>(output);
  } catch (const Error&) {
    // What it printed may hold a key: it is not quoted.
    throw failed(command, "its output is not the JSON that was expected");
  }
  if (answer.version != 1) throw failed(command, fmt::format("its output has Version {}, not 1", answer.version));
  if (answer.access_key_id.empty() || answer.secret_access_key.empty()) throw failed(command, "its output has no key");
  co_return Credentials{.access_key_id = answer.access_key_id,
                        .secret_access_key = Secret(answer.secret_access_key),
                        .session_token = Secret(answer.session_token),
                        .expiration = parse_rfc3339(answer.expiration),
                        .source = fmt::format("credential_process \"{}\"", command)};
}

}  // namespace sockerless::aws
