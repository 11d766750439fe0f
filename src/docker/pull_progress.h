#pragma once

#include <string>

#include "core/images.h"

// Lines of JSON that clients show as progress.
namespace sockerless::docker {

// "Pulling from …", all that is said before the registry refuses a platform.
std::string pull_beginning(const core::ImageReference& reference);

// What dockerd prints while it downloads; nothing is downloaded here, since the task's host does it.
std::string pull_progress(const core::ImageReference& reference, const core::PullResult& result);

// How a stream that has begun says that it failed.
std::string failure_line(const std::string& message);

}  // namespace sockerless::docker
