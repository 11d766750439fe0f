#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/time.h"
#include "base/worker_pool.h"
#include "cloud/images/descriptor.h"
#include "cloud/images/images.h"
#include "cloud/runner/usage.h"

namespace sockerless::cloud {

// A task's network: a namespace of its own with one interface on the cloud's bridge.
struct Network {
  std::string task_id;
  std::string namespace_path;
  std::string address;  // IPv4, reachable from the host and from other tasks
  std::string gateway;  // the bridge's address
  int prefix_length = 24;
  std::string mac_address;
  std::string host_interface;  // the other end of the task's interface, a port of the bridge
};

struct Mount {
  std::string source;       // folder on the host
  std::string destination;  // in the container
  bool read_only = false;
};

struct Ulimit {
  std::string name;  // as in a task definition: nofile, nproc, …
  std::int64_t soft = 0;
  std::int64_t hard = 0;
};

struct ContainerSpec {
  std::string id;    // unique among all containers of this cloud; a file name
  std::string name;  // in the task definition
  Image image;
  std::vector<std::string> arguments;    // entry point and command, resolved
  std::vector<std::string> environment;  // NAME=VALUE, added to the image's or in its place
  std::string working_directory;         // empty: the image's, else /; made if missing
  std::string user;                      // "", uid, name, uid:gid, name:group; empty: the image's
  std::vector<Mount> mounts;
  std::vector<Ulimit> ulimits;
  std::vector<std::string> dropped_capabilities;
  std::vector<std::string> added_capabilities;
  std::int64_t cpu_units = 0;     // 1024 = one processor; 0: no limit
  std::int64_t memory_bytes = 0;  // 0: no limit
  bool read_only_root = false;
  bool init = false;
  std::string hostname;
  Network network;
};

struct ContainerExit {
  int code = 0;  // 128+n for signal n
  bool out_of_memory = false;
  Time at;
};

// The container could not be started; what() is Fargate's text ("CannotStartContainerError: …").
class StartError : public Error {
 public:
  explicit StartError(const std::string& message) : Error(ErrorKind::unavailable, message) {}
};

// Runs containers for real: overlayfs, an OCI runtime (runc or crun), cgroups, network namespaces.
// Owns everything below its folder and, at construction, removes what an earlier process left
// behind: processes, mounts, namespaces, interfaces, cgroups. Its end kills and removes what runs,
// blocking. Makes this process the reaper of its orphans, since that is how it learns exit codes.
// Used on its loop; the pool outlives it. Linux, root.
class Runner {
 public:
  struct Settings {
    std::string folder;
    std::string runtime = "runc";
    std::string subnet = "auto";  // CIDR, or the first free /24 of 10.213.0.0/16
    std::string service_address;  // where tasks find take_service_socket(); empty: there is none
  };

  // Receives a container's output, 1 for stdout and 2 for stderr, called on the loop, in the order
  // in which it was read.
  using Output = std::function<void(int stream, std::string_view bytes)>;

  // Throws Error (a second process on the same folder, an unknown runtime, no free subnet, no
  // root) or std::system_error.
  Runner(Settings settings, Executor loop, WorkerPool& pool);
  ~Runner();

  // The bridge's address, at which tasks reach this machine.
  const std::string& gateway() const;

  // A socket that listens on port 80 of the service address, for tasks alone. Once.
  Descriptor take_service_socket();

  // The same network if the task has one already.
  Awaitable<Network> create_network(std::string task_id);
  Awaitable<void> remove_network(std::string task_id);
  // Without a connection nothing gets in or out, as with a cable that is pulled. Throws
  // Error(not_found) if the task has no network.
  Awaitable<void> set_connected(std::string task_id, bool connected);

  // Starts the container; `output` receives its stdout and stderr until both have ended. Returns the
  // process id. Throws StartError, and then the container does not exist. A caller that is cancelled
  // does not interrupt the start: remove() the container.
  Awaitable<pid_t> start(ContainerSpec spec, Output output);

  // Completes when the container's first process has ended and its output has been delivered. Throws
  // Error(not_found) for a container that is not started or is removed.
  Awaitable<ContainerExit> wait(std::string id);

  // Runs a program in the container as its own command is run, with nothing on stdin and its output
  // dropped: its exit code, 137 if it was killed because the time was over. Throws Error (not_found, or
  // unavailable with the runtime's text). A caller that is cancelled does not interrupt the program.
  Awaitable<int> exec(std::string id, std::vector<std::string> arguments, std::chrono::nanoseconds limit);

  // No-op for a container that has ended.
  Awaitable<void> signal(std::string id, int signal);

  // What the container has used. Throws Error(not_found) for one that does not run.
  Awaitable<ContainerUsage> container_usage(std::string id);
  Awaitable<NetworkUsage> network_usage(std::string task_id);

  // Kills the container's processes that run a program with this file name: how many. None of a
  // container that has ended.
  Awaitable<int> kill_processes(std::string id, std::string program);

  // Kills what still runs, unmounts, deletes. Idempotent.
  Awaitable<void> remove(std::string id);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace sockerless::cloud
