#include "cloud/images/import.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <set>
#include <system_error>

#include "base/rollback.h"
#include "base/time.h"
#include "cloud/images/digest.h"
#include "cloud/images/image_archive.h"
#include "cloud/images/saved_image.h"
#include "cloud/images/store.h"

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnfinished = "importing";
constexpr std::size_t kPiece = 1024 * 1024;

Error invalid(const std::string& why) { return {ErrorKind::invalid_argument, why}; }

Reference parse_name(const std::string& name) {
  try {
    Reference reference = parse_reference(name);
    if (reference.digest.empty()) return reference;
  } catch (const Error& error) {
    throw invalid(fmt::format("\"{}\" is no name for an image: {}", name, error.what()));
  }
  throw invalid(
      fmt::format("\"{}\" is no name for an image: the digest comes from the archive, give NAME[:TAG]", name));
}

// What is no file of its own is read once only: it becomes one.
void spool(int source, const std::string& path, std::int64_t most_bytes) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) throw std::system_error(errno, std::generic_category(), path);
  std::string piece(kPiece, '\0');
  for (;;) {
    const ssize_t size = ::read(source, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw std::system_error(errno, std::generic_category(), "cannot read it");
    if (size == 0) return;
    most_bytes -= size;
    if (most_bytes < 0) throw Error(ErrorKind::too_large, "the archive is too large: no space left on device");
    for (ssize_t done = 0; done < size;) {
      const ssize_t written = ::write(file.get(), piece.data() + done, static_cast<std::size_t>(size - done));
      if (written < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), path);
      if (written > 0) done += written;
    }
  }
}

// The archive as a file that can be read again and again.
std::string archive_file(const ImageImport& request, const std::string& work) {
  const bool is_input = request.source == "-";
  const Descriptor source(is_input ? ::dup(STDIN_FILENO) : ::open(request.source.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat about {};
  if (!source.is_open() || ::fstat(source.get(), &about) < 0) throw invalid(std::strerror(errno));
  if (S_ISDIR(about.st_mode)) throw invalid("it is a folder: make an archive of it, tar -C FOLDER -c .");
  if (S_ISREG(about.st_mode) && about.st_size == 0) throw invalid("the archive is empty");
  if (S_ISREG(about.st_mode) && !is_input) return request.source;
  std::string path = work + "/archive";
  spool(source.get(), path, request.limits.bytes);
  if (fs::file_size(path) == 0) throw invalid("the archive is empty");
  return path;
}

struct UnpackedLayer {
  std::string digest;
  std::string folder;
  std::int64_t bytes = 0;
};

std::vector<UnpackedLayer> unpack(const SavedImage& image, const ImageStore& store, const std::string& work,
                                  LayerLimits limits) {
  std::vector<UnpackedLayer> unpacked;
  std::set<std::string> seen;
  for (const SavedImage::Layer& layer : image.layers) {
    if (!seen.insert(layer.digest).second || store.has_layer(layer.digest)) continue;
    const std::string folder = fmt::format("{}/layer-{}", work, unpacked.size());
    fs::create_directory(folder);
    try {
      unpacked.push_back({layer.digest, folder, unpack_layer(layer.file, folder, limits)});
    } catch (const Error& error) {
      throw invalid(fmt::format("layer {}: {}", layer.digest, error.what()));
    }
    limits.bytes = std::max<std::int64_t>(limits.bytes - unpacked.back().bytes, 0);
  }
  return unpacked;
}

ImportedImage publish(const Reference& name, const SavedImage& image, const std::vector<UnpackedLayer>& layers,
                      ImageStore& store) {
  for (const UnpackedLayer& layer : layers) {
    store.put_size(store.layer_folder(layer.digest), layer.bytes);
    store.put_layer(layer.digest, layer.folder);
  }
  ImportedImage imported{.reference = name.text(),
                         .digest = digest_of(image.manifest),
                         .config = image.configuration_digest,
                         .layers = {},
                         .bytes = 0,
                         .imported = format_rfc3339_nano(
                             std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now()))};
  store.put_document(imported.digest, image.manifest);
  store.put_document(imported.config, image.configuration);
  std::set<std::string> counted;
  for (const SavedImage::Layer& layer : image.layers) {
    imported.layers.push_back(layer.digest);
    if (counted.insert(layer.digest).second) imported.bytes += store.size_of(store.layer_folder(layer.digest));
  }
  return imported;
}

ImportedImage import_archive(const ImageImport& request, const Reference& name, ImageStore& store) {
  const std::string work = store.temporary_path();
  fs::create_directory(work);
  const Rollback remove([&] {
    std::error_code ignored;
    fs::remove_all(work, ignored);
  });
  ImageArchive archive(archive_file(request, work), work, request.limits);
  const SavedImage image = read_saved_image(archive, name, request.architecture);
  return publish(name, image, unpack(image, store, work, request.limits), store);
}

// Throws Error(not_found).
ImportedImage imported_image(const ImportedImages& images, const std::string& reference) {
  if (auto image = images.find(reference)) return *std::move(image);
  throw Error(ErrorKind::not_found,
              fmt::format("there is no imported image {}: sockerless-cloud image ls lists them", reference));
}

}  // namespace

ImportedImage import_image(const ImageImport& request) {
  const Reference name = parse_name(request.name);
  const std::string source = request.source == "-" ? "the standard input" : request.source;
  try {
    ImportedImages images(request.store_folder);
    const Descriptor lock = images.lock(IfLocked::wait);
    ImageStore store(request.store_folder, kUnfinished);
    ImportedImage imported = import_archive(request, name, store);
    images.put(imported);
    return imported;
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("cannot import {}: {}", source, error.what()));
  } catch (const std::system_error& error) {
    throw Error(ErrorKind::internal, fmt::format("cannot import {}: {}", source, error.what()));
  }
}

void remove_imported_image(const std::string& store_folder, const std::string& name, bool may_delete_layers) {
  const std::string reference = parse_name(name).text();
  ImportedImages images(store_folder);
  imported_image(images, reference);  // or a folder would be made for nothing
  const Descriptor lock = images.lock(IfLocked::wait);
  const ImportedImage image = imported_image(images, reference);  // another may have come or gone while this one waited
  images.remove(reference);
  if (!may_delete_layers) return;
  std::set<std::string> unused(image.layers.begin(), image.layers.end());
  for (const ImportedImage& other : images.list()) {
    for (const std::string& layer : other.layers) unused.erase(layer);
  }
  ImageStore store(store_folder, kUnfinished);
  for (const std::string& layer : unused) {
    if (store.has_layer(layer)) fs::remove_all(store.take_layer(store.layer_folder(layer)));
  }
}

}  // namespace sockerless::cloud
