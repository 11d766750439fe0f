#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/build/file_tree.h"

namespace sockerless::core::build {

// The members of a file that is a tar, compressed or not: what ADD unpacks. Nothing for every other
// file. Works with a file in `folder`, which is gone again. Blocks. Throws Error(invalid_argument) for
// damaged content, Error(too_large) if more than `limit` bytes come out of the compression.
std::optional<FileTree> read_local_archive(const Node& node, const std::string& folder, std::int64_t limit);

}  // namespace sockerless::core::build
