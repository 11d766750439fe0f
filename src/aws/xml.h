#pragma once

#include <string>
#include <string_view>

namespace sockerless::aws {

// The text of the first element with the name, entities decoded; "" if there is none. Enough for
// the flat documents of AWS's query protocol, and nothing more.
std::string xml_text(std::string_view document, std::string_view element);

}  // namespace sockerless::aws
