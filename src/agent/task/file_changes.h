#pragma once

#include <cstdint>
#include <functional>

#include "agent/protocol/archive.h"
#include "agent/task/file_record.h"

namespace sockerless::agent {

// Tells how the files differ from the record, folder by folder, a folder before what is in it: a
// folder counts as modified if anything in it has changed; what is in a deleted one is not told.
// Ends early when `tell` returns false.
void find_changes(const RootFolder& root, const Mounts& mounts, const FileRecord& record,
                  const std::function<bool(const FileChange&)>& tell);

// The bytes of the files that were added or changed, as Docker counts them: folders count for nothing, what several
// hard links lead to counts once.
std::uint64_t changed_size(const RootFolder& root, const Mounts& mounts, const FileRecord& record);

}  // namespace sockerless::agent
