#include "cloud/images/images.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <system_error>

#include "base/log.h"
#include "base/rollback.h"
#include "base/task_group.h"
#include "cloud/images/digest.h"
#include "cloud/images/imported_images.h"
#include "cloud/images/layer.h"
#include "cloud/images/layer_cache.h"
#include "cloud/images/manifest.h"
#include "cloud/images/reference.h"
#include "cloud/images/registry.h"
#include "cloud/images/single_flight.h"
#include "cloud/images/store.h"

namespace sockerless::cloud {
namespace {

const Logger log("images");

constexpr int kBlobAttempts = 2;
constexpr std::size_t kLargestConfig = 8 * 1024 * 1024;

// Fargate's words around containerd's.
PullError cannot_resolve(const Reference& reference, std::string_view why) {
  return PullError(fmt::format(
      "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {}: {}",
      reference.text(), why));
}

PullError cannot_copy(std::string_view why) {
  return PullError(fmt::format(
      "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: {}",
      why));
}

// A file being downloaded; the loop writes it, as the page cache takes it without waiting.
class BlobFile {
 public:
  explicit BlobFile(const std::string& path)
      : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), path);
  }
  ~BlobFile() { ::close(fd_); }
  BlobFile(const BlobFile&) = delete;
  BlobFile& operator=(const BlobFile&) = delete;

  void write(std::string_view bytes) {
    hash_.add(bytes);
    while (!bytes.empty()) {
      const auto written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw Error(ErrorKind::internal, std::strerror(errno));
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  std::string digest() { return hash_.digest(); }

 private:
  int fd_;
  Sha256 hash_;
};

// Overlayfs refuses a folder that is given twice. The upper one hides all of the lower.
std::vector<std::string> without_repetitions(const std::vector<std::string>& layers) {
  std::vector<std::string> unique;
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    if (std::find(unique.begin(), unique.end(), *layer) == unique.end()) unique.push_back(*layer);
  }
  std::reverse(unique.begin(), unique.end());
  return unique;
}

}  // namespace

// Shared by the pulls under way, which may end after Images is gone.
struct Images::State : std::enable_shared_from_this<Images::State> {
  State(Settings given, http::Client& client, WorkerPool& workers)
      : settings(std::move(given)),
        registries(client, settings.mirrors),
        pool(workers),
        store(settings.folder),
        imported(settings.folder),
        cache(store, settings.cache_bytes) {}

  Awaitable<Image> pull(Reference reference, std::string architecture);
  std::optional<ImportedImage> find_imported(const Reference& reference) const;
  Awaitable<std::string> resolve(Reference reference);
  std::optional<Image> find_complete(const std::string& digest, const std::string& architecture);
  Awaitable<Image> fetch(Reference reference, std::string digest, std::string architecture);
  Awaitable<std::string> document(Reference reference, std::string digest);
  Awaitable<std::string> config_document(Reference reference, std::string digest);
  Awaitable<std::string> layer(Reference reference, std::string digest);
  Awaitable<std::string> pull_layer(Reference reference, std::string digest);
  Awaitable<void> download(Reference reference, std::string digest, std::string path);
  void shrink();
  static Awaitable<void> remove_folders(std::shared_ptr<State> self, std::vector<std::string> folders);
  static Awaitable<void> prefetch(std::shared_ptr<State> self, Reference reference, std::string digest);

  Settings settings;
  Registries registries;
  WorkerPool& pool;
  ImageStore store;
  ImportedImages imported;
  LayerCache cache;
  std::map<std::string, Image> known;  // by digest and architecture
  SingleFlight<Image> image_flights;
  SingleFlight<std::string> layer_flights;
  std::unique_ptr<TaskGroup> tasks;
};

Images::Images(Settings settings, http::Client& client, WorkerPool& pool)
    : state_(std::make_shared<State>(std::move(settings), client, pool)) {}

Images::~Images() {
  if (state_->tasks) state_->tasks->cancel();
}

Awaitable<Image> Images::pull(std::string reference, std::string architecture) {
  const auto state = state_;
  if (!state->tasks) state->tasks = std::make_unique<TaskGroup>(co_await asio::this_coro::executor);
  if (architecture.empty()) architecture = state->settings.architecture;
  Reference parsed;
  try {
    parsed = parse_reference(reference);
  } catch (const Error& error) {
    throw PullError(fmt::format("CannotPullContainerError: failed to normalize image reference \"{}\": {}", reference,
                                error.what()));
  }
  Image image =
      co_await state->image_flights.run(*state->tasks, state, parsed.text() + " " + architecture,
                                        [state, parsed, architecture] { return state->pull(parsed, architecture); });
  image.reference = std::move(reference);
  co_return image;
}

Awaitable<Image> Images::State::pull(Reference reference, std::string architecture) {
  const auto from_archive = find_imported(reference);
  std::string digest = from_archive ? from_archive->digest : co_await resolve(reference);
  // What the registry had last; an import says nothing of that.
  const bool is_tagged = reference.digest.empty() && !from_archive;
  if (auto image = find_complete(digest, architecture)) {
    if (is_tagged) store.put_tag(reference.text(), digest);
    co_return std::move(*image);
  }
  const auto started = std::chrono::steady_clock::now();
  Image image;
  try {
    image = co_await fetch(reference, digest, architecture);
  } catch (const PullError&) {
    throw;
  } catch (const RegistryUnavailable& error) {
    throw cannot_copy(error.what());
  } catch (const std::runtime_error& error) {
    throw PullError(fmt::format("CannotPullContainerError: {}", error.what()));
  }
  Image& remembered = known[digest + " " + architecture];
  remembered = image;
  remembered.lease.reset();
  shrink();
  if (is_tagged) store.put_tag(reference.text(), digest);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - started;
  log.info("image pulled", {{"image", reference.text()}, {"digest", image.digest}, {"milliseconds", took.count()}});
  co_return image;
}

std::optional<ImportedImage> Images::State::find_imported(const Reference& reference) const {
  if (!reference.digest.empty()) return std::nullopt;
  try {
    return imported.find(reference.text());
  } catch (const Error& error) {
    throw cannot_resolve(reference, error.what());
  }
}

// The digest that the reference names now; one request to the registry for a tag, none for a digest.
Awaitable<std::string> Images::State::resolve(Reference reference) {
  if (!reference.digest.empty()) co_return reference.digest;
  std::optional<std::string> stored = store.find_tag(reference.text());
  try {
    if (auto digest = co_await registries.find_digest(reference)) co_return std::move(*digest);
    const std::string content = co_await registries.get_manifest(reference, reference.tag);
    std::string digest = digest_of(content);
    store.put_document(digest, content);
    co_return digest;
  } catch (const RegistryUnavailable& error) {
    if (!stored) throw cannot_resolve(reference, error.what());
    log.warn("registry does not answer, the stored image is used",
             {{"image", reference.text()}, {"error", error.what()}});
  } catch (const Error& error) {
    throw cannot_resolve(reference, error.what());
  }
  co_return std::move(*stored);
}

std::optional<Image> Images::State::find_complete(const std::string& digest, const std::string& architecture) {
  const auto found = known.find(digest + " " + architecture);
  if (found == known.end()) return std::nullopt;
  const auto exists = [](const std::string& layer) { return ::access(layer.c_str(), F_OK) == 0; };
  if (!std::all_of(found->second.layers.begin(), found->second.layers.end(), exists)) return std::nullopt;
  Image image = found->second;
  image.lease = cache.lease(image.layers);
  return image;
}

void Images::State::shrink() {
  if (!cache.is_over_limit()) return;
  try {
    // An import that is under way may count on any layer; the next pull is in time.
    const Descriptor lock = imported.lock(IfLocked::give_up);
    if (!lock.is_open()) return;
    std::set<std::string> keep;  // they can't be pulled again
    for (const ImportedImage& image : imported.list()) {
      for (const std::string& each : image.layers) keep.insert(store.layer_folder(each));
    }
    std::vector<std::string> folders = cache.evict(keep);
    if (!folders.empty()) tasks->spawn("remove layers", remove_folders(shared_from_this(), std::move(folders)));
  } catch (const std::runtime_error& error) {
    log.warn("layers stay beyond the limit", {{"error", error.what()}});
  }
}

// What is not removed, the next start removes.
Awaitable<void> Images::State::remove_folders(std::shared_ptr<State> self, std::vector<std::string> folders) {
  co_await self->pool.run([folders] {
    std::error_code ignored;
    for (const std::string& folder : folders) std::filesystem::remove_all(folder, ignored);
  });
}

Awaitable<Image> Images::State::fetch(Reference reference, std::string digest, std::string architecture) {
  Manifest manifest = parse_manifest(co_await document(reference, digest));
  if (manifest.is_index()) {
    digest = choose_platform(manifest, architecture);
    manifest = parse_manifest(co_await document(reference, digest));
    if (manifest.is_index()) throw Error(ErrorKind::invalid_argument, "an index of an index is not supported");
  }
  if (manifest.layers.size() > kMostLayers) throw Error(ErrorKind::invalid_argument, "max depth exceeded");
  Image image;
  image.digest = digest;
  std::vector<std::string> folders;
  for (const BlobDescriptor& each : manifest.layers) folders.push_back(store.layer_folder(each.digest));
  image.lease = cache.lease(folders);
  // All layers at once; each is awaited below, where its failure shows.
  for (const BlobDescriptor& each : manifest.layers) {
    const std::string folder = store.layer_folder(each.digest);
    if (store.has_layer(each.digest)) {
      if (!cache.knows(folder)) cache.add(folder, store.size_of(folder));  // from an archive
      continue;
    }
    tasks->spawn("layer", prefetch(shared_from_this(), reference, each.digest));
  }
  apply_config(co_await config_document(reference, manifest.config.digest), architecture, image);
  std::vector<std::string> layers;
  for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
    layers.push_back(co_await layer(reference, manifest.layers[i].digest));
  }
  image.layers = without_repetitions(layers);
  co_return image;
}

Awaitable<std::string> Images::State::document(Reference reference, std::string digest) {
  if (auto stored = store.find_document(digest)) co_return std::move(*stored);
  std::string content;
  try {
    content = co_await registries.get_manifest(reference, digest);
  } catch (const Error& error) {
    throw cannot_resolve(reference, error.what());
  }
  store.put_document(digest, content);
  co_return content;
}

Awaitable<std::string> Images::State::config_document(Reference reference, std::string digest) {
  if (auto stored = store.find_document(digest)) co_return std::move(*stored);
  auto content = std::make_shared<std::string>();
  co_await registries.download(reference, digest, [content](std::string_view bytes) {
    if (content->size() + bytes.size() > kLargestConfig)
      throw Error(ErrorKind::too_large, "the image's config is too large");
    content->append(bytes);
  });
  if (digest_of(*content) != digest) {
    throw Error(ErrorKind::internal, fmt::format("failed commit on ref \"config-{}\": unexpected commit digest {}, "
                                                 "expected {}: failed precondition",
                                                 digest, digest_of(*content), digest));
  }
  store.put_document(digest, *content);
  co_return std::move(*content);
}

// Begins a layer; what becomes of it is known to those who await the same layer.
Awaitable<void> Images::State::prefetch(std::shared_ptr<State> self, Reference reference, std::string digest) {
  try {
    co_await self->layer(std::move(reference), std::move(digest));
  } catch (const Error& error) {
    log.debug("layer failed", {{"error", error.what()}});
  }
}

Awaitable<std::string> Images::State::layer(Reference reference, std::string digest) {
  if (store.has_layer(digest)) co_return store.layer_folder(digest);
  const auto self = shared_from_this();
  co_return co_await layer_flights.run(*tasks, self, digest,
                                       [self, reference, digest] { return self->pull_layer(reference, digest); });
}

Awaitable<std::string> Images::State::pull_layer(Reference reference, std::string digest) {
  const std::string archive = store.temporary_path();
  const Rollback remove_archive([&] { ::unlink(archive.c_str()); });
  for (int attempt = 1;; ++attempt) {
    try {
      co_await download(reference, digest, archive);
      break;
    } catch (const RegistryUnavailable& error) {
      if (attempt == kBlobAttempts) throw;
      log.warn("download of a layer failed, once more", {{"layer", digest}, {"error", error.what()}});
    }
  }
  const std::string folder = store.temporary_path();
  try {
    const std::int64_t bytes = co_await pool.run([archive, folder, limits = settings.layer_limits] {
      // Removed here if it fails, as it may be large.
      Rollback remove([&] {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
      });
      std::filesystem::create_directory(folder);
      const std::int64_t occupied = unpack_layer(archive, folder, limits);
      remove.dismiss();
      return occupied;
    });
    store.put_layer(digest, folder);
    store.put_size(store.layer_folder(digest), bytes);
    cache.add(store.layer_folder(digest), bytes);
  } catch (const std::exception& error) {
    throw Error(ErrorKind::internal, fmt::format("failed to extract layer {}: {}", digest, error.what()));
  }
  co_return store.layer_folder(digest);
}

Awaitable<void> Images::State::download(Reference reference, std::string digest, std::string path) {
  auto file = std::make_shared<BlobFile>(path);
  co_await registries.download(reference, digest,
                               [file, left = settings.layer_limits.bytes](std::string_view bytes) mutable {
                                 left -= static_cast<std::int64_t>(bytes.size());
                                 if (left < 0)
                                   throw Error(ErrorKind::too_large, "the layer is too large: no space left on device");
                                 file->write(bytes);
                               });
  const std::string actual = file->digest();
  if (actual != digest) {
    throw Error(
        ErrorKind::internal,
        fmt::format("failed commit on ref \"layer-{}\": unexpected commit digest {}, expected {}: failed precondition",
                    digest, actual, digest));
  }
}

}  // namespace sockerless::cloud
