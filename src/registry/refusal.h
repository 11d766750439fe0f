#pragma once

#include <string>

#include "base/error.h"
#include "core/image_reference.h"
#include "http/client.h"

// What a registry refused or failed to do, in Docker's words.
namespace sockerless::registry {

// For an answer of status 400 and above.
Error refusal(const http::ClientResponse& response, const core::ImageReference& reference);

// For no answer at all; `url` is what Docker would have asked for first.
Error unreachable(const http::NoAnswer& failure, const std::string& url);

}  // namespace sockerless::registry
