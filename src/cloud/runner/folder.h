#pragma once

#include <string>

#include "cloud/images/descriptor.h"

namespace sockerless::cloud {

// Makes the folder if it is missing; its path without links.
std::string prepare_folder(const std::string& folder);

// Locked as long as the descriptor is open. Throws Error(conflict) if another process has the lock.
Descriptor lock_folder(const std::string& folder);

// Throws Error(invalid_argument) for an id that could not be a file's name.
void check_id(const std::string& id);

}  // namespace sockerless::cloud
