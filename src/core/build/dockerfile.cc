#include "core/build/dockerfile.h"

#include <fmt/format.h>

#include <optional>

#include "base/error.h"
#include "core/build/stages.h"

namespace sockerless::core::build {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

Error syntax_error(const std::string& text) { return {ErrorKind::invalid_argument, text}; }

std::string_view without_leading_blanks(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t\v\f\r"), line.size()));
  return line;
}

bool is_comment(std::string_view line) { return without_leading_blanks(line).starts_with('#'); }

// Line by line, numbered from 1.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {
    if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
  }

  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    const auto end = std::min(rest_.find('\n'), rest_.size());
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    while (line.ends_with('\r')) line.remove_suffix(1);
    ++number_;
    return line;
  }

  int number() const { return number_; }

 private:
  std::string_view rest_;
  int number_ = 0;
};

struct Directive {
  std::string name;
  std::string value;
};

std::optional<Directive> directive_of(std::string_view line) {
  line = trim(line);
  if (!line.starts_with('#')) return std::nullopt;
  line.remove_prefix(1);
  const auto equals = line.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  Directive directive{to_lower(trim(line.substr(0, equals))), std::string(trim(line.substr(equals + 1)))};
  const bool is_known = directive.name == "escape" || directive.name == "syntax" || directive.name == "check";
  return is_known && !directive.value.empty() ? std::optional(directive) : std::nullopt;
}

// Directives stand before everything else, comments and empty lines included.
char find_escape(std::string_view text) {
  std::optional<char> escape;
  Lines lines(text);
  while (const auto line = lines.next()) {
    const auto directive = directive_of(*line);
    if (!directive) break;
    if (directive->name != "escape") continue;
    if (escape) throw syntax_error("only one escape parser directive can be used");
    if (directive->value != "\\" && directive->value != "`") {
      throw syntax_error(fmt::format("invalid escape token '{}' does not match ` or \\", directive->value));
    }
    escape = directive->value.front();
  }
  return escape.value_or('\\');
}

// Takes the escape at the line's end away; true if there was one.
bool take_continuation(std::string_view& line, char escape) {
  std::string_view end = line;
  while (end.ends_with(' ') || end.ends_with('\t')) end.remove_suffix(1);
  if (!end.ends_with(escape)) return false;
  end.remove_suffix(1);
  if (end.ends_with(escape)) return false;  // an escaped escape
  line = end;
  return true;
}

// Words with two dashes at the beginning; a blank in quotes belongs to its word.
std::vector<std::string> take_flags(std::string_view& rest, char escape) {
  std::vector<std::string> flags;
  while (rest.starts_with("--")) {
    const std::vector<std::string> words = split_words(rest, escape);
    const std::string& word = words.front();
    rest.remove_prefix(rest.find(word) + word.size());
    rest = trim(rest);
    if (word == "--") break;
    std::string flag;
    for (const char c : word) {
      if (c != '"' && c != '\'') flag += c;
    }
    flags.push_back(flag);
  }
  return flags;
}

std::optional<HereDocument> here_document_of(const std::string& word, bool& strips_tabs) {
  const auto at = word.find("<<");
  if (at == std::string::npos || word.find_first_not_of("0123456789") != at) return std::nullopt;
  std::string name = word.substr(at + 2);
  strips_tabs = name.starts_with('-');
  if (strips_tabs) name.erase(0, 1);
  HereDocument document;
  const bool is_quoted =
      name.size() >= 2 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front();
  if (is_quoted) name = name.substr(1, name.size() - 2);
  document.expands = !is_quoted;
  document.name = name;
  const bool is_word = !name.empty() && name.find_first_of("<>\"'$ ") == std::string::npos;
  return is_word ? std::optional(document) : std::nullopt;
}

void read_here_documents(Instruction& instruction, Lines& lines, char escape) {
  if (instruction.keyword != "COPY" && instruction.keyword != "ADD" && instruction.keyword != "RUN") return;
  for (const std::string& word : split_words(instruction.rest, escape)) {
    bool strips_tabs = false;
    auto document = here_document_of(word, strips_tabs);
    if (!document) continue;
    bool is_closed = false;
    while (const auto next = lines.next()) {
      std::string_view line = *next;
      if (strips_tabs) line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
      is_closed = line == document->name;
      if (is_closed) break;
      document->content.append(line).append("\n");
    }
    if (!is_closed) throw syntax_error("unterminated heredoc");
    instruction.documents.push_back(std::move(*document));
  }
}

// These mistakes Docker finds before all others.
void check_arguments(const Instruction& instruction, char escape) {
  const std::string& keyword = instruction.keyword;
  if (keyword == "ENV" || keyword == "LABEL") split_pairs(keyword, instruction.rest, escape);
  for (const char* name : {"ADD", "CMD", "COPY", "ENTRYPOINT", "RUN", "SHELL", "VOLUME"}) {
    if (keyword == name) json_words(instruction.rest);
  }
}

}  // namespace

Instruction parse_instruction(std::string_view line, char escape) {
  Instruction instruction;
  instruction.text = line;
  line = trim(line);
  const auto end = std::min(line.find_first_of(" \t\v\f"), line.size());
  instruction.keyword = to_upper(line.substr(0, end));
  std::string_view rest = trim(line.substr(end));
  instruction.flags = take_flags(rest, escape);
  instruction.rest = rest;
  return instruction;
}

Dockerfile parse_dockerfile(std::string_view text) {
  Dockerfile file;
  file.escape = find_escape(text);
  Lines lines(text);
  while (const auto first = lines.next()) {
    if (is_comment(*first)) continue;
    std::string_view part = without_leading_blanks(*first);
    bool goes_on = take_continuation(part, file.escape);
    if (!goes_on && part.empty()) continue;
    const int line_number = lines.number();
    std::string whole(part);
    bool has_empty_line = false;
    while (goes_on) {
      const auto next = lines.next();
      if (!next) break;
      if (is_comment(*next)) continue;
      if (trim(*next).empty()) {
        has_empty_line = true;
        continue;
      }
      part = *next;
      goes_on = take_continuation(part, file.escape);
      whole += part;
    }
    if (trim(whole).empty()) continue;
    if (has_empty_line) file.warnings.push_back("Empty continuation line found in:\n    " + whole);
    Instruction instruction = parse_instruction(whole, file.escape);
    instruction.line = line_number;
    check_arguments(instruction, file.escape);
    read_here_documents(instruction, lines, file.escape);
    file.instructions.push_back(std::move(instruction));
  }
  if (file.instructions.empty()) throw syntax_error("file with no instructions");
  return file;
}

}  // namespace sockerless::core::build
