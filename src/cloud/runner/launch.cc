#include "cloud/runner/launch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <system_error>

#include "base/log.h"
#include "cloud/runner/limits.h"
#include "cloud/runner/oci_config.h"
#include "cloud/runner/overlay.h"
#include "cloud/runner/process.h"
#include "cloud/runner/user.h"

namespace sockerless::cloud {
namespace {

namespace fs = std::filesystem;

const Logger log("runner");

constexpr std::string_view kDefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr const char* kInitInContainer = "/sbin/docker-init";
// Static ones first: an image may have no libc.
constexpr std::array kInits{"/usr/bin/catatonit",   "/usr/libexec/podman/catatonit",   "/usr/bin/tini-static",
                            "/usr/bin/docker-init", "/usr/libexec/docker/docker-init", "/usr/bin/tini"};

Error invalid(const std::string& message) { return {ErrorKind::invalid_argument, message}; }

void write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  file.close();
  if (!file) throw std::system_error(errno, std::generic_category(), "cannot write " + path);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string_view name_of(std::string_view variable) { return variable.substr(0, variable.find('=')); }

bool has_variable(const std::vector<std::string>& environment, std::string_view name) {
  return std::any_of(environment.begin(), environment.end(),
                     [&](const std::string& variable) { return name_of(variable) == name; });
}

// The image's variables, changed by the task definition's, then what Docker adds if it is missing.
std::vector<std::string> environment_of(const ContainerSpec& spec, const std::string& hostname, const User& user) {
  std::vector<std::string> environment = spec.image.environment;
  for (const std::string& variable : spec.environment) {
    const auto same = std::find_if(environment.begin(), environment.end(),
                                   [&](const std::string& other) { return name_of(other) == name_of(variable); });
    if (same == environment.end()) {
      environment.push_back(variable);
    } else {
      *same = variable;
    }
  }
  if (!has_variable(environment, "PATH")) environment.emplace_back(kDefaultPath);
  if (!has_variable(environment, "HOSTNAME")) environment.push_back("HOSTNAME=" + hostname);
  if (!has_variable(environment, "HOME")) environment.push_back("HOME=" + user.home);
  return environment;
}

// The host's name servers; those on its loopback interface mean something else in a container.
std::string resolver_configuration() {
  std::string kept;
  for (const char* path : {"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"}) {
    std::istringstream lines(read_file(path));
    bool has_server = false;
    kept.clear();
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string keyword;
      std::string server;
      words >> keyword >> server;
      if (keyword == "nameserver" && (server.starts_with("127.") || server == "::1")) continue;
      has_server = has_server || keyword == "nameserver";
      kept += line + "\n";
    }
    if (has_server) return kept;
  }
  return kept + "nameserver 8.8.8.8\nnameserver 8.8.4.4\n";
}

// Made by the first container of a task and shared by all; a concurrent second one finds either
// nothing or the whole file.
void make_shared_file(const std::string& path, const std::string& container_id, const std::string& content) {
  if (::access(path.c_str(), F_OK) == 0) return;
  const std::string temporary = path + "." + container_id;
  write_file(temporary, content);
  const int result = ::link(temporary.c_str(), path.c_str());
  const int error = errno;
  ::unlink(temporary.c_str());
  if (result < 0 && error != EEXIST) throw std::system_error(error, std::generic_category(), "cannot write " + path);
}

std::vector<Mount> name_files(const ContainerSpec& spec, const std::string& hostname, const std::string& bundle) {
  const std::string& name_space = spec.network.namespace_path;
  const std::string folder = name_space.empty() ? bundle : fs::path(name_space).parent_path().string();
  std::string hosts =
      "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n"
      "ff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";
  if (!spec.network.address.empty()) hosts += fmt::format("{}\t{}\n", spec.network.address, hostname);
  make_shared_file(folder + "/hosts", spec.id, hosts);
  make_shared_file(folder + "/hostname", spec.id, hostname + "\n");
  make_shared_file(folder + "/resolv.conf", spec.id, resolver_configuration());
  return {{folder + "/resolv.conf", "/etc/resolv.conf", false},
          {folder + "/hostname", "/etc/hostname", false},
          {folder + "/hosts", "/etc/hosts", false}};
}

std::string find_init() {
  for (const char* path : kInits) {
    if (::access(path, X_OK) == 0) return path;
  }
  throw invalid("initProcessEnabled needs an init program on this machine: install catatonit or tini");
}

// Outer folders before those inside them.
void sort_mounts(std::vector<Mount>& mounts) {
  const auto depth = [](const Mount& mount) {
    return std::count(mount.destination.begin(), mount.destination.end(), '/');
  };
  std::stable_sort(mounts.begin(), mounts.end(),
                   [&](const Mount& left, const Mount& right) { return depth(left) < depth(right); });
}

std::vector<Mount> mounts_of(const ContainerSpec& spec, const std::string& hostname, const std::string& bundle) {
  std::vector<Mount> mounts;
  for (Mount mount : spec.mounts) {
    mount.destination = fs::path("/" + mount.destination).lexically_normal().string();
    if (mount.destination.size() > 1 && mount.destination.ends_with('/')) mount.destination.pop_back();
    if (mount.destination == "/") throw invalid("invalid mount: destination can't be '/'");
    mounts.push_back(std::move(mount));
  }
  sort_mounts(mounts);
  for (const Mount& file : name_files(spec, hostname, bundle)) {
    const auto replaces = [&](const Mount& mount) { return mount.destination == file.destination; };
    if (std::none_of(mounts.begin(), mounts.end(), replaces)) mounts.push_back(file);
  }
  if (spec.init) mounts.push_back({find_init(), kInitInContainer, true});
  return mounts;
}

std::string configuration(const ContainerSpec& spec, const ContainerHost& host) {
  if (spec.arguments.empty()) throw invalid("no command specified");
  const std::string bundle = host.folder_of(spec.id);
  OciContainer container;
  container.arguments = spec.arguments;
  if (spec.init) container.arguments.insert(container.arguments.begin(), {kInitInContainer, "--"});
  container.user = find_user(bundle + "/rootfs", spec.user.empty() ? spec.image.user : spec.user);
  container.hostname = spec.hostname.empty() ? spec.id.substr(0, 12) : spec.hostname;
  container.environment = environment_of(spec, container.hostname, container.user);
  const std::string& folder = spec.working_directory.empty() ? spec.image.working_directory : spec.working_directory;
  container.working_directory = folder.starts_with('/') ? folder : "/" + folder;
  container.limits = effective_limits(spec.ulimits);
  container.capabilities = effective_capabilities(spec.dropped_capabilities, spec.added_capabilities);
  container.read_only_root = spec.read_only_root;
  container.mounts = mounts_of(spec, container.hostname, bundle);
  container.namespace_path = spec.network.namespace_path;
  container.cgroup = host.group_of(spec.id);
  container.cpu_units = spec.cpu_units;
  container.memory_bytes = spec.memory_bytes;
  container.limits_swap = host.cgroups.limits_swap();
  container.unified_cgroups = host.cgroups.is_unified();
  return oci_config(container);
}

struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) < 0) throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
    reader.reset(ends[0]);
    writer.reset(ends[1]);
  }
  Descriptor reader;
  Descriptor writer;
};

Launched make_and_run(const ContainerSpec& spec, const ContainerHost& host) {
  const std::string bundle = host.folder_of(spec.id);
  for (const char* name : {"", "/rootfs", "/upper", "/work"}) fs::create_directory(bundle + name);
  mount_overlay(spec.image.layers, bundle + "/upper", bundle + "/work", bundle + "/rootfs");
  write_file(bundle + "/config.json", configuration(spec, host));
  Pipe out;
  Pipe error;
  Launched launched;
  try {
    launched.pid = host.runtime.run({spec.id, bundle, out.writer.get(), error.writer.get()});
  } catch (const Error& failure) {
    throw Error(failure.kind(), fmt::format("failed to create task for container: failed to create shim task: "
                                            "OCI runtime create failed: {}: unknown",
                                            failure.what()));
  }
  launched.process = open_process(launched.pid);
  if (!launched.process.is_open())
    throw std::system_error(errno, std::generic_category(), "cannot watch the container");
  launched.out = std::move(out.reader);
  launched.error = std::move(error.reader);
  return launched;
}

}  // namespace

Launched launch(const ContainerSpec& spec, const ContainerHost& host) {
  try {
    return make_and_run(spec, host);
  } catch (const std::exception& error) {
    dismantle(spec.id, host);
    throw StartError(fmt::format("CannotStartContainerError: Error response from daemon: {}", error.what()));
  }
}

void dismantle(const std::string& id, const ContainerHost& host) {
  const std::string folder = host.folder_of(id);
  try {
    host.runtime.remove(id);
    unmount(folder + "/rootfs");
    fs::remove_all(folder);
  } catch (const std::system_error& error) {
    log.warn("container is left behind", {{"container", id}, {"error", error.what()}});
  }
}

}  // namespace sockerless::cloud
