#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/build/copy.h"
#include "core/build/instructions.h"
#include "core/build/stages.h"

namespace sockerless::core::build {

class Builder;

struct BuildRequest {
  std::string dockerfile = "Dockerfile";  // its path in the context
  std::vector<ImageReference> tags;
  BuildArguments::Given arguments;
  std::map<std::string, std::string> labels;
  std::string target;  // a stage's name; empty: the last
  std::optional<Platform> platform;
  bool pulls = false;     // base images anew, although they are known
  bool is_cached = true;  // steps that are part of an image need not be done again
  std::function<RegistryAuth(const ImageReference&)> auth_for;
};

// Where a build tells what it does.
class BuildOutput {
 public:
  virtual ~BuildOutput() = default;

  virtual Awaitable<void> say(std::string text) = 0;
  // As what a command writes to its standard error.
  virtual Awaitable<void> warn(std::string text) = 0;
  virtual Awaitable<void> made_image(std::string id) = 0;
  virtual Awaitable<void> pulled(ImageReference reference, PullResult result) = 0;
};

// A context whose Dockerfile has been understood. Made by Builder::prepare().
class Build {
 public:
  Build(Builder& builder, BuildRequest request, FileTree context, Dockerfile file, Stages stages);
  // Layers that no image has come to use are dropped.
  ~Build();
  Build(const Build&) = delete;
  Build& operator=(const Build&) = delete;

  // Carries out the instructions and gives the image its tags; returns its id. Throws
  // Error(invalid_argument) in Docker's words for what the Dockerfile asks for in vain, and what a
  // registry refuses. The output outlives it.
  Awaitable<std::string> run(BuildOutput& output);

 private:
  struct Step {
    std::string comment;  // behind the shell, as the history has it
    std::string layer;    // the digest of what it adds
    std::int64_t size = 0;
    bool shows_container = true;  // Docker makes a container for it
  };

  void add_labels();
  Awaitable<void> announce(const Command& command);
  Awaitable<void> run_stage(const Stage& stage);
  Awaitable<void> begin_stage(const Stage& stage);
  Awaitable<ImageRecord> base_image(const Stage& stage, std::string name);
  Awaitable<ImageRecord> find_image(std::string name, std::optional<Platform> platform);
  Awaitable<void> run_triggers();
  Awaitable<void> run_command(Command command);
  Awaitable<void> skip_run(Command command);
  Awaitable<void> copy(Command command);
  Awaitable<CopyRequest> copy_request(Command command);
  Awaitable<std::shared_ptr<const FileTree>> source_files(std::string from);
  Awaitable<void> commit(Step step);
  Awaitable<std::string> finish();
  bool is_known_step(const std::string& id) const;

  Builder& builder_;
  BuildRequest request_;
  std::shared_ptr<const FileTree> context_;
  Dockerfile file_;
  Stages stages_;
  BuildArguments arguments_;
  BuildOutput* output_ = nullptr;
  std::vector<StageState> done_;
  StageState stage_;
  std::vector<std::string> kept_layers_;
  std::size_t step_ = 0;
  std::size_t steps_ = 0;
  int skipped_runs_ = 0;
  std::string salt_;  // makes the ids of a build without cache its own
};

}  // namespace sockerless::core::build
