#pragma once

#include <boost/beast/http/status.hpp>

namespace sockerless::http {

using Status = boost::beast::http::status;

}  // namespace sockerless::http
