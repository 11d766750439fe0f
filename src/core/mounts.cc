#include "core/mounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace sockerless::core {
namespace {

Error invalid(const std::string& text) { return {ErrorKind::invalid_argument, text}; }

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

bool is_mode(std::string_view text) {
  constexpr std::array<std::string_view, 14> kWords{"ro",       "rw",      "z",          "Z",        "nocopy",
                                                    "shared",   "rshared", "slave",      "rslave",   "private",
                                                    "rprivate", "cached",  "consistent", "delegated"};
  const auto words = split(text, ',');
  return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
  });
}

bool has_word(const std::string& mode, std::string_view word) {
  const auto words = split(mode, ',');
  return std::find(words.begin(), words.end(), word) != words.end();
}

// As Go's path.Clean of an absolute path.
std::string clean(const std::string& path) {
  std::string text = std::filesystem::path(path).lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

void check_target(const std::string& target) {
  if (!target.starts_with('/'))
    throw invalid(fmt::format("invalid mount path: '{}' mount path must be absolute", target));
  if (clean(target) == "/") throw invalid("invalid specification: destination can't be '/'");
}

std::string propagation_of(const std::string& mode) {
  for (const char* word : {"shared", "rshared", "slave", "rslave", "private"}) {
    if (has_word(mode, word)) return word;
  }
  return "rprivate";
}

MountPoint mount_of(const std::string& source, const std::string& target, const std::string& mode) {
  MountPoint point;
  point.destination = clean(target);
  point.mode = mode;
  point.read_write = !has_word(mode, "ro");
  if (source.starts_with('/')) {
    point.type = "bind";
    point.source = clean(source);
    point.propagation = propagation_of(mode);
    return point;
  }
  point.type = "volume";
  point.name = source;
  point.driver = "local";
  point.anonymous = source.empty();
  if (point.mode.empty()) point.mode = "z";  // so says Docker of every named volume
  return point;
}

// "destination", "source:destination" or "source:destination:mode".
PlannedMount parse_bind(const std::string& text, const std::string& volume_driver) {
  const auto parts = split(text, ':');
  const bool is_malformed = parts.size() > 3 || parts.front().empty() || (parts.size() > 1 && parts[1].empty()) ||
                            (parts.size() == 2 && is_mode(parts[1]));
  if (is_malformed) throw invalid(fmt::format("invalid volume specification: '{}'", text));
  if (parts.size() == 3 && !is_mode(parts[2])) throw invalid(fmt::format("invalid mode: {}", parts[2]));
  const bool has_source = parts.size() > 1;
  const std::string& target = has_source ? parts[1] : parts[0];
  const bool is_volume = !has_source || !parts[0].starts_with('/');
  try {
    check_target(target);
  } catch (const Error& error) {
    throw invalid(fmt::format("invalid volume specification: '{}': invalid mount config for type \"{}\": {}", text,
                              is_volume ? "volume" : "bind", error.what()));
  }
  PlannedMount mount{mount_of(has_source ? parts[0] : "", target, parts.size() == 3 ? parts[2] : ""), {}, {}};
  if (is_volume) mount.driver.name = volume_driver;
  return mount;
}

Error bad_mount(const MountRequest& request, const std::string& why) {
  return invalid(fmt::format("invalid mount config for type \"{}\": {}", request.type, why));
}

void check(const MountRequest& request) {
  if (request.type != "bind" && request.type != "volume" && request.type != "tmpfs") {
    throw bad_mount(request, "mount type unknown");
  }
  if (request.target.empty()) throw bad_mount(request, "field Target must not be empty");
  try {
    check_target(request.target);
  } catch (const Error& error) {
    throw bad_mount(request, error.what());
  }
  const auto refuse = [&](bool is_there, const char* field) {
    if (is_there) throw bad_mount(request, fmt::format("field {} must not be specified", field));
  };
  if (request.type == "tmpfs") refuse(!request.source.empty(), "Source");
  if (request.type != "tmpfs") refuse(request.tmpfs_options.has_value(), "TmpfsOptions");
  if (request.type != "bind") refuse(request.bind_options.has_value(), "BindOptions");
  if (request.type != "volume") refuse(request.volume_options.has_value(), "VolumeOptions");
  if (request.type != "bind") return;
  if (request.source.empty()) throw bad_mount(request, "field Source must not be empty");
  if (!request.source.starts_with('/')) {
    throw bad_mount(request, fmt::format("invalid mount path: '{}' mount path must be absolute", request.source));
  }
  const bool is_made = request.bind_options && request.bind_options->create_mountpoint;
  std::error_code failure;
  if (!is_made && !std::filesystem::exists(request.source, failure)) {
    throw bad_mount(request, fmt::format("bind source path does not exist: {}", request.source));
  }
}

PlannedMount plan(const MountRequest& request) {
  check(request);
  PlannedMount mount;
  if (request.type == "tmpfs") {
    mount.point = {.type = "tmpfs", .destination = clean(request.target), .read_write = !request.read_only};
    return mount;
  }
  mount.point = mount_of(request.source, request.target, "");
  mount.point.read_write = !request.read_only;
  if (request.bind_options && !request.bind_options->propagation.empty()) {
    mount.point.propagation = request.bind_options->propagation;
  }
  if (request.volume_options) {
    mount.volume_labels = request.volume_options->labels;
    mount.driver = request.volume_options->driver_config.value_or(VolumeDriverConfig());
  }
  return mount;
}

// A 404 would say that the image is missing, and the CLI would pull it.
std::vector<MountPoint> mounts_of(const std::string& reference,
                                  const std::function<Container(const std::string&)>& find_container) {
  try {
    return find_container(reference).mounts;
  } catch (const Error& error) {
    throw invalid(error.what());
  }
}

class Plan {
 public:
  explicit Plan(const HostConfig& host_config) : volume_driver_(host_config.volume_driver) {}

  // A later source of mounts may take the place of an inherited one, but not of another.
  void add(PlannedMount mount) {
    const std::string& destination = mount.point.destination;
    if (std::find(asked_for_.begin(), asked_for_.end(), destination) != asked_for_.end()) {
      throw invalid(fmt::format("Duplicate mount point: {}", destination));
    }
    asked_for_.push_back(destination);
    put(std::move(mount));
  }

  void put(PlannedMount mount) {
    std::erase_if(mounts_,
                  [&](const PlannedMount& other) { return other.point.destination == mount.point.destination; });
    mounts_.push_back(std::move(mount));
  }

  bool has(const std::string& destination) const {
    return std::any_of(mounts_.begin(), mounts_.end(),
                       [&](const PlannedMount& mount) { return mount.point.destination == destination; });
  }

  // "container", "container:ro" or "container:rw".
  void inherit(const std::string& text, const std::function<Container(const std::string&)>& find_container) {
    const auto colon = std::min(text.rfind(':'), text.size());
    const std::string mode = colon < text.size() ? text.substr(colon + 1) : "";
    if (text.empty() || colon == 0) throw invalid("malformed volumes-from specification: " + text);
    if (!mode.empty() && !is_mode(mode)) throw invalid(fmt::format("invalid mode for volumes-from: {}", mode));
    for (const MountPoint& point : mounts_of(text.substr(0, colon), find_container)) {
      PlannedMount mount{point, {}, {}};
      mount.point.anonymous = false;  // it goes with the container that it was made for
      mount.point.read_write = point.read_write && mode != "ro";
      put(std::move(mount));
    }
  }

  void add_bind(const std::string& text) { add(parse_bind(text, volume_driver_)); }

  std::vector<PlannedMount> take() { return std::move(mounts_); }

 private:
  std::string volume_driver_;
  std::vector<std::string> asked_for_;
  std::vector<PlannedMount> mounts_;
};

}  // namespace

std::vector<PlannedMount> plan_mounts(const ContainerConfig& config, const HostConfig& host_config,
                                      const std::function<Container(const std::string&)>& find_container) {
  Plan result(host_config);
  for (const std::string& text : host_config.volumes_from) result.inherit(text, find_container);
  for (const std::string& text : host_config.binds) result.add_bind(text);
  for (const MountRequest& request : host_config.mounts) result.add(plan(request));
  for (const auto& [destination, options] : host_config.tmpfs) {
    try {
      check_target(destination);
    } catch (const Error& error) {
      throw invalid(fmt::format("invalid tmpfs mount: {}", error.what()));
    }
  }
  for (const auto& [destination, nothing] : config.volumes) {
    check_target(destination);
    if (result.has(clean(destination)) || host_config.tmpfs.contains(destination)) continue;
    PlannedMount mount{mount_of("", destination, ""), {}, {}};
    mount.point.mode.clear();
    mount.driver.name = host_config.volume_driver;
    result.put(std::move(mount));
  }
  return result.take();
}

}  // namespace sockerless::core
