#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/build/layer.h"

namespace sockerless::core::build {

struct FileOwner {
  std::uint32_t user = 0;
  std::uint32_t group = 0;
};

// What COPY and ADD ask for, with everything expanded.
struct CopyRequest {
  std::string keyword;
  std::vector<std::string> sources;
  std::string destination;      // absolute; a closing slash says that it is a folder
  bool from_context = true;     // otherwise from a stage
  std::vector<Node> documents;  // here-documents: files by the name in their entry
  std::optional<FileOwner> owner;
  std::optional<std::uint32_t> mode;
  bool unpacks = false;     // ADD: a tar becomes its files
  std::string work_folder;  // where archives are unpacked meanwhile
};

struct CopyResult {
  Layer layer;
  std::string kind;  // file, dir or multi, as the image's history has it
};

// Picks the files and gives them their paths in the container. `is_folder` answers for paths of the
// image that the files go into. Blocks. Throws Error(invalid_argument) in Docker's words.
CopyResult plan_copy(const CopyRequest& request, const FileTree& files,
                     const std::function<bool(const std::string&)>& is_folder);

// "1000", "1000:1000" or root. Nothing for a name that only the image's own files could tell.
std::optional<FileOwner> parse_owner(std::string_view text);

// An octal mode. Throws Error(invalid_argument).
std::uint32_t parse_mode(std::string_view text);

}  // namespace sockerless::core::build
