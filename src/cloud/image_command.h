#pragma once

#include <string>
#include <vector>

#include "config/option.h"

namespace sockerless::cloud {

// `sockerless-cloud image import|ls|rm`: images without a registry. The arguments are those behind
// "image". Returns the exit code. Throws Error with what is wrong.
int run_image_command(const std::vector<std::string>& arguments, const config::Options::Environment& environment);

}  // namespace sockerless::cloud
