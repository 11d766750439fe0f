#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sockerless::core::build {

// The value of a variable, if it is set.
using Variables = std::function<std::optional<std::string>(std::string_view)>;

// A word as Docker's builder expands it: quotes and escapes are taken away, variables replaced, with
// the operators - + ? (with or without a colon), # ## % %% / and //. Throws Error(invalid_argument)
// in Docker's words.
std::string expand(std::string_view word, char escape, const Variables& variables);

// The same where the result is several words, split at the blanks.
std::vector<std::string> expand_words(std::string_view text, char escape, const Variables& variables);

// Variables in a text whose quotes are part of it: a here-document.
std::string expand_document(std::string_view text, char escape, const Variables& variables);

}  // namespace sockerless::core::build
