#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async.h"
#include "base/worker_pool.h"
#include "cloud/images/layer.h"
#include "http/client.h"

namespace sockerless::cloud {

// What a container needs of its image. The layers are unpacked folders, lowest first, shared by
// all containers and never written to.
struct Image {
  std::string reference;  // as asked for
  std::string digest;     // of the manifest, "sha256:…"
  std::vector<std::string> layers;

  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  std::vector<std::string> environment;  // NAME=VALUE
  std::string working_directory;
  std::string user;
  std::string stop_signal;

  std::shared_ptr<const void> lease;  // the layers stay while a copy of it lives
};

// The pull failed; what() is the text that Fargate puts into stoppedReason
// ("CannotPullContainerError: …").
class PullError : public Error {
 public:
  explicit PullError(const std::string& message) : Error(ErrorKind::unavailable, message) {}
};

// Images from registries, unpacked into a layer store on disk: each layer once, however many
// images, containers and concurrent pulls want it. When they occupy more than they may, those that
// nobody uses go, the least recently wanted first. Owns the folder. The client outlives it, and
// pulls that are under way at its end are cancelled.
class Images {
 public:
  struct Settings {
    std::string folder;
    std::map<std::string, std::string> mirrors;  // registry host → URL that serves its images
    std::string architecture;                    // amd64 or arm64
    LayerLimits layer_limits;
    std::int64_t cache_bytes = 0;  // of unpacked layers; 0: any number
  };

  Images(Settings settings, http::Client& client, WorkerPool& pool);
  ~Images();

  // From the store if the tag still names what is there, else from the registry; also from the
  // store if the registry can't be reached. Throws PullError.
  Awaitable<Image> pull(std::string reference, std::string architecture);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace sockerless::cloud
