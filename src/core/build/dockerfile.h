#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sockerless::core::build {

// `<<EOF` behind COPY, ADD or RUN: the lines that follow up to the word alone.
struct HereDocument {
  std::string name;
  std::string content;
  bool expands = true;  // false if the word was quoted
};

// One instruction of a Dockerfile as it is written.
struct Instruction {
  int line = 0;                    // of its first line, from 1
  std::string keyword;             // in capitals
  std::string text;                // all of it on one line, as a step shows it
  std::vector<std::string> flags;  // "--from=x"
  std::string rest;                // behind keyword and flags
  std::vector<HereDocument> documents;
};

struct Dockerfile {
  std::vector<Instruction> instructions;
  std::vector<std::string> warnings;
  char escape = '\\';  // of line ends and characters: # escape=
};

// Splits a Dockerfile into instructions: directives, comments, continued lines, here-documents.
// Throws Error(invalid_argument) in Docker's words, without the file's name.
Dockerfile parse_dockerfile(std::string_view text);

// One instruction without its place in a file: the command of ONBUILD.
Instruction parse_instruction(std::string_view line, char escape);

// Splits at blanks outside of quotes and behind no escape; quotes stay.
std::vector<std::string> split_words(std::string_view text, char escape);

// What ENV and LABEL name: "a=1 b=2", or the old form "a 1". Throws Error(invalid_argument).
std::vector<std::pair<std::string, std::string>> split_pairs(std::string_view keyword, std::string_view text,
                                                             char escape);

// Splits at any blank.
std::vector<std::string> split_at_blanks(std::string_view text);

std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);

// As Go's %q shows a text.
std::string go_quoted(std::string_view text);

}  // namespace sockerless::core::build
