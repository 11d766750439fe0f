#pragma once

#include <string>
#include <string_view>

namespace sockerless::ecs {

// What AWS says when something does not work, and what helps. Fragments are in lower case; the
// first row of the table whose fragment occurs in a text is its cause.
struct Cause {
  std::string_view fragment;
  std::string_view remedy;
};

// nullptr if the text is none that is known.
const Cause* find_cause(std::string_view text);

// The text, whole, with the remedy in parentheses where one is known.
std::string with_remedy(const std::string& text);

std::size_t known_causes();

// No room now, at AWS or in a quota: another kind of capacity, or another time, may do.
bool is_lack_of_capacity(std::string_view text);

}  // namespace sockerless::ecs
