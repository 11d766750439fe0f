#pragma once

#include "base/error.h"
#include "http/status.h"

namespace sockerless::docker {

// moby's errdefs: which HTTP status a kind of error has.
http::Status status_of(ErrorKind kind);

}  // namespace sockerless::docker
