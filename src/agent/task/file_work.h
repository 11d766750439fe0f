#pragma once

#include <string>

#include "agent/protocol/archive.h"
#include "agent/task/file_worker.h"

// What the processes of file sessions do, from the first answer to the last: each ends its session.
namespace sockerless::agent {

void work_stat(WorkPipes& pipes, const std::string& path);
void work_get(WorkPipes& pipes, const std::string& path);
void work_put(WorkPipes& pipes, const ArchivePutParameters& parameters);
void work_export(WorkPipes& pipes);

// The descriptor holds the record to compare with.
void work_changes(WorkPipes& pipes, int record);
void work_changed_size(WorkPipes& pipes, int record);

}  // namespace sockerless::agent
