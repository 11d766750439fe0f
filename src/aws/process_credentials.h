#pragma once

#include <string>
#include <vector>

#include "aws/credentials.h"
#include "base/worker_pool.h"

namespace sockerless::aws {

// The words of a credential_process: blanks separate, quotes and backslashes protect; no shell.
// Throws Error(forbidden) if a quote is not closed.
std::vector<std::string> split_command(std::string_view command);

// Runs the command on the pool's thread, a minute at most, and reads the keys from its output.
// Throws Error(forbidden) that names the command and what it said.
Awaitable<Credentials> run_credential_process(WorkerPool& pool, std::string command);

}  // namespace sockerless::aws
