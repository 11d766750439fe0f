#pragma once

#include <memory>

#include "core/file_driver.h"
#include "http/exchange.h"

namespace sockerless::docker {

// The request's body as a plain tar, whatever it is compressed by. The exchange outlives it.
std::unique_ptr<core::ByteSource> request_tar(http::Exchange& exchange);

// Takes what is left of the body, so that the client gets to reading its answer.
Awaitable<void> discard_body(http::Exchange& exchange);

}  // namespace sockerless::docker
