#pragma once

#include <string>

namespace sockerless::agent {

// Removes the name from the folder, and everything below it if it is a folder. False with errno set.
bool remove_tree(int folder, const std::string& name);

}  // namespace sockerless::agent
