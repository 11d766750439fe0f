#pragma once

#include <functional>
#include <string_view>

// Filter patterns that look into an event: JSON and fields between spaces.
namespace sockerless::cloud::logs {

using Matches = std::function<bool(std::string_view message)>;

// `{ $.level = "error" && ($.code >= 500 || $.user.name NOT EXISTS) }`: true of messages that are JSON
// objects for which it holds. Comparisons, IS TRUE, IS FALSE, IS NULL, NOT EXISTS; selectors with members
// and indices. Throws ApiError(InvalidParameterException).
Matches parse_json_pattern(std::string_view text);

// `[ip, user, ..., status = 4*, bytes > 1000]`: true of messages with such fields. A field ends at a
// space, text in quotes or brackets is one field; "..." stands for any number of fields. Throws ApiError.
Matches parse_fields_pattern(std::string_view text);

}  // namespace sockerless::cloud::logs
