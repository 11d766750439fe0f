#include "core/build/builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/id.h"
#include "core/build/path_pattern.h"

namespace sockerless::core::build {
namespace {

constexpr std::int64_t kLongestDockerfile = 16 * 1024 * 1024;
constexpr const char* kIgnoreFile = ".dockerignore";

Error invalid(const std::string& text) { return {ErrorKind::invalid_argument, text}; }

// The context's file while it is written; it goes with this.
class ContextFile {
 public:
  explicit ContextFile(const std::string& folder) : path_(folder + "/" + random_hex(8)) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    out_.open(path_, std::ios::binary);
  }
  ~ContextFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  ContextFile(const ContextFile&) = delete;
  ContextFile& operator=(const ContextFile&) = delete;

  void write(const std::string& bytes) {
    out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush();
    if (!out_) {
      throw Error(ErrorKind::internal,
                  fmt::format("cannot keep the build context in {}: {}", path_, std::strerror(errno)));
    }
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::ofstream out_;
};

std::string text_of(const Node& node) { return node.read(0, static_cast<std::size_t>(kLongestDockerfile)); }

const Node& find_dockerfile(const FileTree& context, const std::string& name) {
  const std::string clean = clean_path(name.starts_with('/') ? name.substr(1) : name);
  if (clean == ".." || clean.starts_with("../")) {
    throw invalid(fmt::format("forbidden path outside the build context: {} ()", name));
  }
  const auto path = context.resolve(clean);
  const Node* node = path ? context.find(*path) : nullptr;
  if (node == nullptr || node->entry.type != TarType::file) {
    throw invalid(fmt::format("Cannot locate specified Dockerfile: {}", name));
  }
  if (node->entry.size == 0) throw invalid(fmt::format("the Dockerfile ({}) cannot be empty", name));
  return *node;
}

Dockerfile read_dockerfile(const FileTree& context, const std::string& name) {
  const Node& node = find_dockerfile(context, name);
  try {
    return parse_dockerfile(text_of(node));
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("failed to parse {}: {}", name, error.what()));
  }
}

// Clients leave ignored files out themselves, but must send these two all the same.
void leave_out_ignored(FileTree& context, const std::string& dockerfile) {
  const Node* node = context.find(kIgnoreFile);
  if (node == nullptr || node->entry.type != TarType::file) return;
  const IgnoreList ignored(text_of(*node));
  for (const std::string& path : {std::string(kIgnoreFile), clean_path(dockerfile)}) {
    if (ignored.ignores(path)) context.erase(path);
  }
}

}  // namespace

Builder::Builder(Executor loop, Clock& clock, Images& images, Staging& staging, std::string folder)
    : clock_(clock), images_(images), staging_(staging), folder_(std::move(folder)), tasks_(loop) {
  images_.on_forgotten([this](const ImageRecord& image) {
    if (!image.staged_layers.empty()) tasks_.spawn("drop layers", drop(image.staged_layers));
  });
}

Awaitable<std::unique_ptr<Build>> Builder::prepare(BuildRequest request, ByteSource& context) {
  const auto file = co_await workers_.run([folder = folder_] { return std::make_shared<ContextFile>(folder); });
  while (auto bytes = co_await context.read()) {
    co_await workers_.run([file, bytes = std::move(*bytes)] { file->write(bytes); });
  }
  FileTree files = co_await workers_.run([file] { return read_tree(file->path()); });
  Dockerfile dockerfile = read_dockerfile(files, request.dockerfile);
  leave_out_ignored(files, request.dockerfile);
  Stages stages = parse_stages(dockerfile);
  stages.end_at(request.target);
  co_return std::make_unique<Build>(*this, std::move(request), std::move(files), std::move(dockerfile),
                                    std::move(stages));
}

Awaitable<std::shared_ptr<FileTree>> Builder::files_of(std::vector<std::string> digests) {
  auto files = std::make_shared<FileTree>();
  for (const std::string& digest : digests) {
    const std::string path = staging_.layer_file(digest);
    if (path.empty()) {
      throw Error(
          ErrorKind::not_found,
          fmt::format("layer {} of the base image is gone from the state folder; build that image again", digest));
    }
    co_await workers_.run([files, path] {
      const FileTree layer = read_tree(path);
      for (const auto& [name, node] : layer.all()) files->put(name, node);
    });
  }
  co_return files;
}

void Builder::release(const std::vector<std::string>& digests) {
  for (const std::string& digest : digests) {
    const auto pin = pinned_.find(digest);
    if (--pin->second == 0) pinned_.erase(pin);
  }
  if (!digests.empty()) tasks_.spawn("drop layers", drop(digests));
}

Awaitable<void> Builder::drop(std::vector<std::string> digests) {
  for (const std::string& digest : digests) {
    const std::vector<ImageRecord> images = images_.all();
    const bool is_used =
        pinned_.count(digest) != 0 || std::any_of(images.begin(), images.end(), [&](const auto& image) {
          return std::count(image.staged_layers.begin(), image.staged_layers.end(), digest) != 0;
        });
    if (!is_used) co_await staging_.drop_layer(digest);
  }
}

}  // namespace sockerless::core::build
