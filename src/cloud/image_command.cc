#include "cloud/image_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "cloud/images/import.h"
#include "cloud/options.h"

namespace sockerless::cloud {
namespace {

constexpr double kMiB = 1024.0 * 1024.0;

constexpr const char* kUsage =
    "usage: sockerless-cloud image import [OPTION]... FILE NAME[:TAG]\n"
    "       sockerless-cloud image ls [OPTION]...\n"
    "       sockerless-cloud image rm [OPTION]... NAME[:TAG]...\n\n"
    "Images for tasks without a registry, also while the cloud runs. FILE, - for the standard input, is a tar archive\n"
    "(plain, gzip or zstd): what `docker save` writes, an OCI image layout, or a root filesystem (`docker export`).\n"
    "NAME then means this image, in task definitions and for `docker run` of sockerlessd --local, and no registry is\n"
    "asked for it. The data folder of sockerlessd --local is cloud in its --state-dir.\n\n";

struct ImageOptions : config::Options {
  template <typename T>
  using Option = config::Option<T>;

  Option<std::string> data_dir{this, "data-dir", kDataFolder, "Folder of the cloud that shall have the image."};
  Option<int> layer_limit{this, "layer-limit", kLayerLimit, "MiB that the image may have, packed and unpacked."};
  Option<int> layer_files_limit{this, "layer-files-limit", kLayerFilesLimit, "Files that a layer may have."};
};

struct Words {
  std::vector<std::string> options;
  std::vector<std::string> operands;
};

// Every option takes a value; "-" alone is an operand.
Words sort_arguments(const std::vector<std::string>& arguments) {
  Words words;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.size() < 2 || argument.front() != '-') {
      words.operands.push_back(argument);
      continue;
    }
    words.options.push_back(argument);
    const bool value_follows = argument.find('=') == std::string::npos && i + 1 < arguments.size();
    if (value_follows) words.options.push_back(arguments[++i]);
  }
  return words;
}

std::string store_folder(const ImageOptions& options) { return options.data_dir() + "/images"; }

void check_root(const char* command, const char* why) {
  if (::geteuid() == 0) return;
  throw Error(ErrorKind::forbidden, fmt::format("image {} {}: run it as root", command, why));
}

int import_one(const ImageOptions& options, const std::vector<std::string>& operands) {
  if (operands.size() != 2) throw Error(ErrorKind::invalid_argument, "image import needs FILE and NAME[:TAG]");
  check_root("import", "unpacks files with their owners");
  const ImportedImage image =
      import_image({.source = operands[0],
                    .name = operands[1],
                    .store_folder = store_folder(options),
                    .architecture = machine_architecture(),
                    .limits = {options.layer_limit() * kMebibyte, options.layer_files_limit()}});
  std::printf("%s\n%s\n", image.reference.c_str(), image.digest.c_str());
  return EXIT_SUCCESS;
}

int list(const ImageOptions& options, const std::vector<std::string>& operands) {
  if (!operands.empty()) throw Error(ErrorKind::invalid_argument, "image ls takes no names");
  const std::vector<ImportedImage> images = ImportedImages(store_folder(options)).list();
  std::size_t width = std::string_view("NAME").size();
  for (const ImportedImage& image : images) width = std::max(width, image.reference.size());
  fmt::print("{:<{}}  {:<19}  {:<20}  {:>12}\n", "NAME", width, "DIGEST", "IMPORTED", "SIZE");
  for (const ImportedImage& image : images) {
    fmt::print("{:<{}}  {:<19}  {:<20}  {:>8.1f} MiB\n", image.reference, width, image.digest.substr(0, 19),
               image.imported, static_cast<double>(image.bytes) / kMiB);
  }
  return EXIT_SUCCESS;
}

int remove(const ImageOptions& options, const std::vector<std::string>& operands) {
  if (operands.empty()) throw Error(ErrorKind::invalid_argument, "image rm needs the name of an image");
  check_root("rm", "deletes files of other owners");
  if (!std::filesystem::exists(options.data_dir())) {
    throw Error(ErrorKind::not_found,
                fmt::format("there is no folder {}: --data-dir names the cloud's", options.data_dir()));
  }
  // What a running cloud may be using is left to it.
  const Descriptor no_cloud = lock_file(options.data_dir() + "/lock", IfLocked::give_up);
  for (const std::string& name : operands) {
    remove_imported_image(store_folder(options), name, no_cloud.is_open());
    std::printf("%s\n", name.c_str());
  }
  return EXIT_SUCCESS;
}

struct ImageCommand {
  std::string_view name;
  int (*run)(const ImageOptions& options, const std::vector<std::string>& operands);
};

constexpr std::array kImageCommands{ImageCommand{"import", import_one}, ImageCommand{"ls", list},
                                    ImageCommand{"rm", remove}};

}  // namespace

int run_image_command(const std::vector<std::string>& arguments, const config::Options::Environment& environment) {
  ImageOptions options;
  if (arguments.empty() || std::find(arguments.begin(), arguments.end(), "--help") != arguments.end()) {
    std::printf("%s%s", kUsage, options.help_text().c_str());
    return arguments.empty() ? EXIT_FAILURE : EXIT_SUCCESS;
  }
  const auto command = std::find_if(kImageCommands.begin(), kImageCommands.end(),
                                    [&](const ImageCommand& each) { return each.name == arguments.front(); });
  if (command == kImageCommands.end()) {
    throw Error(
        ErrorKind::invalid_argument,
        fmt::format("there is no command image {}: it is image import, ls or rm (image --help)", arguments.front()));
  }
  const Words words = sort_arguments({arguments.begin() + 1, arguments.end()});
  options.load(words.options, environment);
  return command->run(options, words.operands);
}

}  // namespace sockerless::cloud
