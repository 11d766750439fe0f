#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/json.h"
#include "core/build/stages.h"

namespace sockerless::core::build {
namespace {

Error invalid(const std::string& text) { return {ErrorKind::invalid_argument, text}; }

enum class Form {
  whole,         // one argument
  words,         // split at blanks
  quoted_words,  // split outside of quotes
  pairs,
  json_or_text,   // a list, or a command line for the shell
  json_or_words,  // a list, or words
};

struct Rule {
  std::string_view keyword;
  Form form;
  std::array<std::string_view, 5> flags;
};

constexpr std::array kRules{
    Rule{"ADD", Form::json_or_words, {"chown", "chmod", "checksum", "link", "keep-git-dir"}},
    Rule{"ARG", Form::quoted_words, {}},
    Rule{"CMD", Form::json_or_text, {}},
    Rule{"COPY", Form::json_or_words, {"from", "chown", "chmod", "link"}},
    Rule{"ENTRYPOINT", Form::json_or_text, {}},
    Rule{"ENV", Form::pairs, {}},
    Rule{"EXPOSE", Form::words, {}},
    Rule{"FROM", Form::words, {"platform"}},
    Rule{"HEALTHCHECK", Form::whole, {"interval", "timeout", "start-period", "start-interval", "retries"}},
    Rule{"LABEL", Form::pairs, {}},
    Rule{"MAINTAINER", Form::whole, {}},
    Rule{"ONBUILD", Form::whole, {}},
    Rule{"RUN", Form::json_or_text, {"mount", "network", "security"}},
    Rule{"SHELL", Form::json_or_text, {}},
    Rule{"STOPSIGNAL", Form::whole, {}},
    Rule{"USER", Form::whole, {}},
    Rule{"VOLUME", Form::json_or_words, {}},
    Rule{"WORKDIR", Form::whole, {}},
};

bool is_switch(std::string_view flag) { return flag == "link" || flag == "keep-git-dir"; }

void take_flags(Command& command, const Rule& rule) {
  for (const std::string& text : command.instruction.flags) {
    const auto equals = text.find('=');
    const std::string name = text.substr(2, equals == std::string::npos ? equals : equals - 2);
    if (name.empty() || std::find(rule.flags.begin(), rule.flags.end(), name) == rule.flags.end()) {
      throw invalid("unknown flag: " + name);
    }
    if (command.flags.count(name) != 0 && name != "mount") throw invalid("duplicate flag specified: " + name);
    if (equals == std::string::npos && !is_switch(name)) throw invalid("missing a value on flag: " + name);
    command.flags[name] = equals == std::string::npos ? "true" : text.substr(equals + 1);
  }
}

void take_arguments(Command& command, Form form, char escape) {
  const std::string& rest = command.instruction.rest;
  switch (form) {
    case Form::whole:
      if (!rest.empty()) command.words = {rest};
      return;
    case Form::words: command.words = split_at_blanks(rest); return;
    case Form::quoted_words: command.words = split_words(rest, escape); return;
    case Form::pairs: command.pairs = split_pairs(command.keyword(), rest, escape); return;
    case Form::json_or_text:
    case Form::json_or_words:
      if (auto list = json_words(rest)) {
        command.words = std::move(*list);
        command.is_json = true;
      } else if (form == Form::json_or_words) {
        command.words = split_words(rest, escape);
      } else if (!rest.empty()) {
        command.words = {rest};
      }
      return;
  }
}

void need_one(const Command& command) {
  if (command.words.empty() && command.pairs.empty()) {
    throw invalid(command.keyword() + " requires at least one argument");
  }
}

void need_exactly_one(const Command& command) {
  if (command.words.size() != 1) throw invalid(command.keyword() + " requires exactly one argument");
}

void check_copy(const Command& command) {
  if (command.words.size() >= 2) return;
  throw invalid(
      fmt::format("{} requires at least two arguments, but only one was provided. Destination could not be "
                  "determined",
                  command.keyword()));
}

void check_names(const Command& command) {
  need_one(command);
  for (const auto& [name, value] : command.pairs) {
    if (name.empty()) throw invalid(fmt::format("{} names can not be blank", command.keyword()));
  }
}

void check_health(Command& command) {
  need_one(command);
  const std::string rest = std::exchange(command.words, {}).front();
  const auto end = std::min(rest.find_first_of(" \t"), rest.size());
  const std::string kind = to_upper(rest.substr(0, end));
  const std::string_view arguments = trim(std::string_view(rest).substr(end));
  command.words = {kind};
  if (kind == "NONE") {
    if (!arguments.empty()) throw invalid("HEALTHCHECK NONE takes no arguments");
    return;
  }
  if (kind != "CMD") throw invalid(fmt::format("Unknown type {} in HEALTHCHECK (try CMD)", go_quoted(kind)));
  if (auto list = json_words(arguments)) {
    command.is_json = true;
    command.words.insert(command.words.end(), list->begin(), list->end());
  } else if (!arguments.empty()) {
    command.words.emplace_back(arguments);
  }
  if (command.words.size() == 1) throw invalid("Missing command after HEALTHCHECK CMD");
  for (const auto& [flag, value] : command.flags) {
    if (flag != "retries" && !value.empty() && parse_duration(value) < 1'000'000 && parse_duration(value) != 0) {
      throw invalid(fmt::format("Interval {} cannot be less than 1ms", go_quoted(flag)));
    }
  }
  if (const auto retries = command.flags.find("retries"); retries != command.flags.end() && !retries->second.empty()) {
    const std::string& text = retries->second;
    int number = 0;
    const auto [last, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec != std::errc{} || last != text.data() + text.size()) {
      throw invalid(fmt::format("strconv.ParseInt: parsing {}: invalid syntax", go_quoted(text)));
    }
    if (number < 0) throw invalid(fmt::format("--retries cannot be negative ({})", number));
  }
}

void check_trigger(const Command& command, char escape) {
  need_one(command);
  const Instruction trigger = parse_instruction(command.words.front(), escape);
  if (trigger.keyword == "ONBUILD") throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (trigger.keyword == "MAINTAINER" || trigger.keyword == "FROM") {
    throw invalid(trigger.keyword + " isn't allowed as an ONBUILD trigger");
  }
  parse_command(trigger, escape);
}

void check(Command& command, char escape) {
  const std::string& keyword = command.keyword();
  if (keyword == "ENV" || keyword == "LABEL") return check_names(command);
  if (keyword == "COPY" || keyword == "ADD") return check_copy(command);
  if (keyword == "HEALTHCHECK") return check_health(command);
  if (keyword == "ONBUILD") return check_trigger(command, escape);
  if (keyword == "ARG" || keyword == "EXPOSE" || keyword == "VOLUME") need_one(command);
  if (keyword == "VOLUME" && std::count(command.words.begin(), command.words.end(), "") != 0) {
    throw invalid("VOLUME specified can not be an empty string");
  }
  if (keyword == "SHELL" && !command.is_json && !command.words.empty()) {
    throw invalid("SHELL requires the arguments to be in JSON form");
  }
  if (keyword == "SHELL") return need_one(command);
  if (keyword == "RUN" && command.words.empty() && command.instruction.documents.empty()) return need_one(command);
  const bool is_single =
      keyword == "USER" || keyword == "WORKDIR" || keyword == "STOPSIGNAL" || keyword == "MAINTAINER";
  if (is_single) need_exactly_one(command);
}

}  // namespace

std::optional<std::vector<std::string>> json_words(std::string_view text) {
  text = trim(text);
  if (!text.starts_with('[')) return std::nullopt;
  json::Value value;
  try {
    value = json::parse_value(text);
  } catch (const Error&) {
    return std::nullopt;  // Docker then takes it for the shell form
  }
  std::vector<std::string> words;
  for (const json::Value& member : value.as_array()) {
    const auto* word = member.if_string();
    if (word == nullptr) throw invalid("when using JSON array syntax, arrays must be comprised of strings only");
    words.emplace_back(word->begin(), word->end());
  }
  return words;
}

std::int64_t parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    double nanoseconds;
  };
  constexpr std::array kUnits{Unit{"ns", 1},  Unit{"us", 1e3}, Unit{"ms", 1e6},
                              Unit{"s", 1e9}, Unit{"m", 60e9}, Unit{"h", 3600e9}};
  const std::string_view whole = text;
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  double sum = 0;
  do {
    const auto number_end = std::min(text.find_first_not_of("0123456789."), text.size());
    double number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + number_end, number);
    if (number_end == 0 || ec != std::errc{} || end != text.data() + number_end) {
      throw invalid(fmt::format("time: invalid duration {}", go_quoted(whole)));
    }
    text.remove_prefix(number_end);
    const std::string_view name = text.substr(0, text.find_first_of("0123456789."));
    if (name.empty()) throw invalid(fmt::format("time: missing unit in duration {}", go_quoted(whole)));
    const auto* unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return u.name == name; });
    if (unit == kUnits.end()) {
      throw invalid(fmt::format("time: unknown unit {} in duration {}", go_quoted(name), go_quoted(whole)));
    }
    text.remove_prefix(name.size());
    sum += number * unit->nanoseconds;
  } while (!text.empty());
  if (sum > 9e18) throw invalid(fmt::format("time: invalid duration {}", go_quoted(whole)));
  return std::llround(is_negative ? -sum : sum);
}

Command parse_command(Instruction instruction, char escape) {
  Command command{.instruction = std::move(instruction)};
  const auto* rule =
      std::find_if(kRules.begin(), kRules.end(), [&](const Rule& known) { return known.keyword == command.keyword(); });
  if (rule == kRules.end()) throw invalid("unknown instruction: " + command.keyword());
  take_arguments(command, rule->form, escape);
  take_flags(command, *rule);
  check(command, escape);
  return command;
}

}  // namespace sockerless::core::build
