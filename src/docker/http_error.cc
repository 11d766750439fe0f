#include "docker/http_error.h"

namespace sockerless::docker {

http::Status status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument: return http::Status::bad_request;
    case ErrorKind::unauthorized: return http::Status::unauthorized;
    case ErrorKind::forbidden: return http::Status::forbidden;
    case ErrorKind::not_found: return http::Status::not_found;
    case ErrorKind::conflict: return http::Status::conflict;
    case ErrorKind::not_modified: return http::Status::not_modified;
    case ErrorKind::too_large: return http::Status::payload_too_large;
    case ErrorKind::timed_out: return http::Status::request_timeout;
    case ErrorKind::not_implemented: return http::Status::not_implemented;
    case ErrorKind::unavailable: return http::Status::service_unavailable;
    case ErrorKind::internal: return http::Status::internal_server_error;
  }
  return http::Status::internal_server_error;
}

}  // namespace sockerless::docker
