#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/images.h"
#include "core/lifecycle.h"
#include "core/logs.h"

namespace sockerless::core {

struct CreateRequest {
  std::string name;  // empty: a generated one
  ContainerConfig config;
  HostConfig host_config;
  std::map<std::string, EndpointSettings> endpoints;
  std::optional<Platform> platform;
};

struct CreateResult {
  std::string id;
  std::vector<std::string> warnings;
};

enum class WaitCondition { not_running, next_exit, removed };

// What a waiter gets: its condition is registered when it is made, so nothing that happens after
// that is missed.
class ExitWait {
 public:
  ExitWait(EntryPointer entry, WaitCondition condition);

  struct Outcome {
    int exit_code = 0;
    std::string error;
  };
  Awaitable<Outcome> outcome();

 private:
  bool is_over() const;

  EntryPointer entry_;
  WaitCondition condition_;
  std::uint64_t exits_before_;
};

// The container operations of a Docker daemon, as its API has them. Validates, resolves names, and
// leaves every change of state to Lifecycle. Lives on the daemon's loop.
class Containers {
 public:
  Containers(Services services, Images& images, Lifecycle& lifecycle);

  // Throws no_such_image, name_in_use, Error(invalid_argument), and what the backend refuses.
  Awaitable<CreateResult> create(CreateRequest request);

  // All of these find the container by id, name or unique prefix and throw no_such_container.
  Container get(std::string_view reference) const;
  Awaitable<void> start(std::string reference);
  Awaitable<void> stop(std::string reference);
  Awaitable<void> restart(std::string reference);
  Awaitable<void> kill(std::string reference, int signal);
  Awaitable<void> remove(std::string reference, bool force);
  Awaitable<void> rename(std::string reference, std::string name);
  ExitWait wait(std::string_view reference, WaitCondition condition) const;
  Awaitable<std::unique_ptr<AttachSession>> attach(std::string reference, AttachStreams streams);
  Awaitable<void> resize(std::string reference, int rows, int columns);
  std::unique_ptr<LogReader> logs(std::string_view reference, LogOptions options) const;

  // Newest first.
  std::vector<Container> all() const;

  std::optional<std::string> user_of_image(std::string_view image_id) const;

 private:
  Awaitable<void> run_create(CreateRequest request, std::shared_ptr<CreateResult> result);
  Awaitable<Registration> register_record(Container record);
  Container make_record(const CreateRequest& request, const ImageRecord& image) const;
  std::string unused_name() const;

  Services services_;
  Images& images_;
  Lifecycle& lifecycle_;
};

}  // namespace sockerless::core
