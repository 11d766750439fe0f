#include "cloud/images/saved_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/json.h"
#include "cloud/images/digest.h"
#include "cloud/images/manifest.h"
#include "cloud/images/packed_file.h"
#include "cloud/images/tar_reader.h"

namespace sockerless::cloud {
namespace {

constexpr const char* kLayout = "oci-layout";
constexpr const char* kIndex = "index.json";
constexpr const char* kDockerList = "manifest.json";
constexpr int kDeepestIndex = 4;

// A descriptor in the index of a layout.
struct LayoutEntry {
  std::string digest;
  Platform platform;
  std::map<std::string, std::string> annotations;

  static constexpr auto fields() {
    return std::tuple{json::field("digest", &LayoutEntry::digest), json::field("platform", &LayoutEntry::platform),
                      json::field("annotations", &LayoutEntry::annotations)};
  }
};

struct LayoutIndex {
  std::vector<LayoutEntry> manifests;

  static constexpr auto fields() { return std::tuple{json::field("manifests", &LayoutIndex::manifests)}; }
};

// An image in the manifest.json of `docker save`.
struct DockerEntry {
  std::string config;
  std::vector<std::string> names;
  std::vector<std::string> layers;

  static constexpr auto fields() {
    return std::tuple{json::field("Config", &DockerEntry::config), json::field("RepoTags", &DockerEntry::names),
                      json::field("Layers", &DockerEntry::layers)};
  }
};

struct RootFilesystem {
  std::string type = "layers";
  std::vector<std::string> diff_ids;

  static constexpr auto fields() {
    return std::tuple{json::field("type", &RootFilesystem::type), json::field("diff_ids", &RootFilesystem::diff_ids)};
  }
};

struct ProcessDefaults {
  std::vector<std::string> environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};

  static constexpr auto fields() { return std::tuple{json::field("Env", &ProcessDefaults::environment)}; }
};

struct MadeConfiguration {
  std::string architecture;
  std::string os = "linux";
  ProcessDefaults config;
  RootFilesystem root;

  static constexpr auto fields() {
    return std::tuple{json::field("architecture", &MadeConfiguration::architecture),
                      json::field("os", &MadeConfiguration::os), json::field("config", &MadeConfiguration::config),
                      json::field("rootfs", &MadeConfiguration::root)};
  }
};

struct WithRootFilesystem {
  RootFilesystem root;

  static constexpr auto fields() { return std::tuple{json::field("rootfs", &WithRootFilesystem::root)}; }
};

struct MadeDescriptor {
  std::string media_type;
  std::string digest;
  std::int64_t size = 0;

  static constexpr auto fields() {
    return std::tuple{json::field("mediaType", &MadeDescriptor::media_type),
                      json::field("digest", &MadeDescriptor::digest), json::field("size", &MadeDescriptor::size)};
  }
};

struct MadeManifest {
  int schema_version = 2;
  std::string media_type = "application/vnd.oci.image.manifest.v1+json";
  MadeDescriptor config;
  std::vector<MadeDescriptor> layers;

  static constexpr auto fields() {
    return std::tuple{json::field("schemaVersion", &MadeManifest::schema_version),
                      json::field("mediaType", &MadeManifest::media_type), json::field("config", &MadeManifest::config),
                      json::field("layers", &MadeManifest::layers)};
  }
};

Error invalid(const std::string& why) { return {ErrorKind::invalid_argument, why}; }

std::string blob_name(std::string_view digest) { return fmt::format("blobs/sha256/{}", hexadecimal(digest)); }

void check_blob(std::string_view wanted, std::string_view found) {
  if (wanted != found) throw invalid(fmt::format("damaged: what is called {} has the digest {}", wanted, found));
}

std::string take_document(ImageArchive& archive, const std::string& digest) {
  if (!is_digest(digest)) throw invalid(fmt::format("invalid digest: \"{}\"", digest));
  std::string document = archive.document(blob_name(digest));
  check_blob(digest, digest_of(document));
  return document;
}

bool is_called(const std::string& text, const Reference& name) {
  try {
    return parse_reference(text).text() == name.text();
  } catch (const Error&) {
    return false;  // any text may stand there
  }
}

bool is_called(const LayoutEntry& entry, const Reference& name) {
  const auto annotation = [&](const char* key) {
    const auto found = entry.annotations.find(key);
    return found == entry.annotations.end() ? std::string() : found->second;
  };
  const std::string tag = annotation("org.opencontainers.image.ref.name");
  return is_called(annotation("io.containerd.image.name"), name) || tag == name.tag || is_called(tag, name);
}

Error ambiguous(std::size_t count, const Reference& name) {
  return invalid(
      fmt::format("the archive has {} images and none of them alone is {}: save that image only", count, name.text()));
}

// The only one, else the one with the name, else the one for the architecture.
const LayoutEntry& choose_entry(const LayoutIndex& index, const Reference& name, const std::string& architecture) {
  if (index.manifests.empty()) throw invalid("the archive's index.json names no image");
  if (index.manifests.size() == 1) return index.manifests.front();
  const LayoutEntry* chosen = nullptr;
  for (const bool by_name : {true, false}) {
    for (const LayoutEntry& entry : index.manifests) {
      const bool fits = by_name ? is_called(entry, name)
                                : entry.platform.os == "linux" && entry.platform.architecture == architecture;
      if (!fits) continue;
      if (chosen != nullptr) throw ambiguous(index.manifests.size(), name);
      chosen = &entry;
    }
    if (chosen != nullptr) return *chosen;
  }
  throw ambiguous(index.manifests.size(), name);
}

void check_platform(const std::string& configuration, const std::string& architecture) {
  try {
    Image unused;
    apply_config(configuration, architecture, unused);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    throw invalid(fmt::format("the image is not for linux/{}, which is what this machine runs", architecture));
  }
}

SavedImage read_layout(ImageArchive& archive, const Reference& name, const std::string& architecture) {
  const auto index = json::parse<LayoutIndex>(archive.document(kIndex));
  std::string digest = choose_entry(index, name, architecture).digest;
  SavedImage image;
  Manifest manifest;
  for (int depth = 0;; ++depth) {
    image.manifest = take_document(archive, digest);
    manifest = parse_manifest(image.manifest);
    if (!manifest.is_index()) break;
    if (depth == kDeepestIndex) throw invalid("an index of an index of an index is not supported");
    digest = choose_platform(manifest, architecture);
  }
  image.configuration = take_document(archive, manifest.config.digest);
  image.configuration_digest = manifest.config.digest;
  std::set<std::string> blobs;
  for (const BlobDescriptor& layer : manifest.layers) blobs.insert(blob_name(layer.digest));
  archive.take_out(blobs);
  for (const BlobDescriptor& layer : manifest.layers) {
    const std::string file = archive.file(blob_name(layer.digest));
    check_blob(layer.digest, digest_of_file(file));
    image.layers.push_back({layer.digest, file});
  }
  return image;
}

MadeDescriptor describe_layer(const SavedImage::Layer& layer) {
  const std::string packing = packing_of(layer.file);
  return {"application/vnd.oci.image.layer.v1.tar" + (packing.empty() ? "" : "+" + packing), layer.digest,
          static_cast<std::int64_t>(std::filesystem::file_size(layer.file))};
}

// An image of these layers, of which the archive has no manifest.
SavedImage make_image(std::string configuration, std::vector<SavedImage::Layer> layers) {
  MadeManifest manifest;
  const std::string digest = digest_of(configuration);
  manifest.config = {"application/vnd.oci.image.config.v1+json", digest,
                     static_cast<std::int64_t>(configuration.size())};
  for (const SavedImage::Layer& layer : layers) manifest.layers.push_back(describe_layer(layer));
  return {json::to_text(manifest), std::move(configuration), digest, std::move(layers)};
}

const DockerEntry& choose_entry(const std::vector<DockerEntry>& entries, const Reference& name) {
  if (entries.size() == 1) return entries.front();
  for (const DockerEntry& entry : entries) {
    const auto matches = [&](const std::string& text) { return is_called(text, name); };
    if (std::any_of(entry.names.begin(), entry.names.end(), matches)) return entry;
  }
  throw ambiguous(entries.size(), name);
}

SavedImage read_docker_archive(ImageArchive& archive, const Reference& name, const std::vector<DockerEntry>& entries) {
  const DockerEntry& entry = choose_entry(entries, name);
  const auto inside = [](const std::string& path) { return name_in_archive(path.c_str()); };
  std::string configuration = archive.document(inside(entry.config));
  const auto diff_ids = json::parse<WithRootFilesystem>(configuration).root.diff_ids;
  if (diff_ids.size() != entry.layers.size()) {
    throw invalid(fmt::format("the configuration speaks of {} layers and the archive has {}", diff_ids.size(),
                              entry.layers.size()));
  }
  std::set<std::string> files;
  for (const std::string& layer : entry.layers) files.insert(inside(layer));
  archive.take_out(files);
  std::vector<SavedImage::Layer> layers;
  for (std::size_t i = 0; i < entry.layers.size(); ++i) {
    const std::string file = archive.file(inside(entry.layers[i]));
    const std::string digest = digest_of_file(file);
    if (digest != diff_ids[i]) check_blob(diff_ids[i], digest_of_unpacked(file, archive.most_bytes()));
    layers.push_back({digest, file});
  }
  return make_image(std::move(configuration), std::move(layers));
}

SavedImage read_root_filesystem(const ImageArchive& archive, const std::string& architecture) {
  MadeConfiguration configuration;
  configuration.architecture = architecture;
  configuration.root.diff_ids = {digest_of_unpacked(archive.path(), archive.most_bytes())};
  return make_image(json::to_text(configuration), {{digest_of_file(archive.path()), archive.path()}});
}

// Of a root filesystem that happens to have a file of that name: none.
std::vector<DockerEntry> docker_entries(ImageArchive& archive) {
  if (!archive.has(kDockerList)) return {};
  try {
    auto entries = json::parse<std::vector<DockerEntry>>(archive.document(kDockerList));
    const auto is_image = [](const DockerEntry& entry) { return !entry.config.empty() && !entry.layers.empty(); };
    if (std::all_of(entries.begin(), entries.end(), is_image)) return entries;
  } catch (const Error&) {
    return {};
  }
  return {};
}

SavedImage read_any(ImageArchive& archive, const Reference& name, const std::string& architecture) {
  if (archive.has(kLayout) && archive.has(kIndex)) return read_layout(archive, name, architecture);
  const std::vector<DockerEntry> entries = docker_entries(archive);
  if (!entries.empty()) return read_docker_archive(archive, name, entries);
  return read_root_filesystem(archive, architecture);
}

}  // namespace

SavedImage read_saved_image(ImageArchive& archive, const Reference& name, const std::string& architecture) {
  SavedImage image = read_any(archive, name, architecture);
  check_platform(image.configuration, architecture);
  if (image.layers.size() > kMostLayers) throw invalid(fmt::format("it has more than {} layers", kMostLayers));
  return image;
}

}  // namespace sockerless::cloud
