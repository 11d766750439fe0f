#pragma once

#include <string_view>

#include "base/json.h"

namespace sockerless::aws {

// A member of a request or answer. To AWS an absent member is the same as an empty one, so empty
// ones are not sent; where false or 0 differs from absent, the member is an optional.
template <typename Class, typename Member>
constexpr auto member(std::string_view name, Member Class::*pointer) {
  return json::field(name, pointer, json::Emit::omit_empty);
}

}  // namespace sockerless::aws
