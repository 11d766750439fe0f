#include "config/option.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>
#include <sstream>

#include "base/error.h"

namespace sockerless::config {
namespace {

Error bad_value(std::string_view text, std::string_view expected) {
  return {ErrorKind::invalid_argument, fmt::format("\"{}\" is not {}", text, expected)};
}

std::string markdown_cell(const OptionBase& option) {
  const std::string value = option.text();
  return value.empty() ? "" : "`" + value + "`";
}

std::string environment_cell(const OptionBase& option) {
  std::string cell = "`" + option.environment_name() + "`";
  for (const std::string& name : option.other_environment()) cell += fmt::format(", `{}`", name);
  return cell;
}

}  // namespace

OptionBase::OptionBase(Options* group, std::string_view name, std::string_view doc, std::string_view other_environment)
    : name_(name), doc_(doc), other_environment_(other_environment) {
  group->options_.push_back(this);
}

std::string OptionBase::flag() const { return "--" + std::string(name_); }

std::string OptionBase::environment_name() const {
  std::string name = "SOCKERLESS_";
  for (char c : name_) name += c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return name;
}

std::vector<std::string> OptionBase::other_environment() const {
  std::istringstream words{std::string(other_environment_)};
  return {std::istream_iterator<std::string>(words), std::istream_iterator<std::string>()};
}

void OptionBase::give(std::string_view text) {
  set(text);
  is_given_ = true;
}

void Options::load(const std::vector<std::string>& arguments, const Environment& environment) {
  std::string problems;
  load_environment(environment, problems);
  load_arguments(arguments, problems);
  if (problems.empty()) return;
  problems.pop_back();
  throw Error(ErrorKind::invalid_argument, problems);
}

void Options::load_environment(const Environment& environment, std::string& problems) {
  for (OptionBase* option : options_) {
    std::string name = option->environment_name();
    const char* text = environment(name.c_str());
    for (const std::string& other : option->other_environment()) {
      if (text != nullptr) break;
      name = other;
      text = environment(name.c_str());
    }
    if (text == nullptr) continue;
    try {
      option->give(text);
    } catch (const Error& error) {
      problems += fmt::format("{}: {}\n", name, error.what());
    }
  }
}

void Options::load_arguments(const std::vector<std::string>& arguments, std::string& problems) {
  std::map<std::string, OptionBase*> by_flag;
  for (OptionBase* option : options_) by_flag[option->flag()] = option;

  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const auto equals = argument.find('=');
    const std::string flag = argument.substr(0, equals);
    const auto found = by_flag.find(flag);
    if (found == by_flag.end()) {
      problems += fmt::format("unknown argument {} (--help lists the options)\n", argument);
      continue;
    }
    std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
    if (equals == std::string::npos) {
      if (found->second->is_boolean()) {
        value = "true";
      } else if (i + 1 < arguments.size()) {
        value = arguments[++i];
      } else {
        problems += fmt::format("{}: a value is missing\n", flag);
        continue;
      }
    }
    try {
      found->second->give(value);
    } catch (const Error& error) {
      problems += fmt::format("{}: {}\n", flag, error.what());
    }
  }
}

std::string Options::reference_markdown() const {
  std::string page = "| Flag | Environment | Default | Meaning |\n|---|---|---|---|\n";
  for (const OptionBase* option : options_) {
    page += fmt::format("| `{}` | {} | {} | {} |\n", option->flag(), environment_cell(*option), markdown_cell(*option),
                        option->doc());
  }
  return page;
}

std::string Options::help_text() const {
  std::string text;
  for (const OptionBase* option : options_) {
    const std::string value = option->text();
    text += fmt::format("  {}\n      {}{}\n", option->flag(), option->doc(),
                        value.empty() ? "" : fmt::format(" [{}]", value));
  }
  return text;
}

std::string Options::effective_text() const {
  std::string text;
  for (const OptionBase* option : options_) {
    text += fmt::format("{}={}\n", option->flag().substr(2), option->text());
  }
  return text;
}

void parse(std::string_view text, std::string& out) { out = text; }

void parse(std::string_view text, bool& out) {
  std::string lowered(text);  // AWS's own variables are written True as often as true
  std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lowered == "true" || text == "1") {
    out = true;
  } else if (lowered == "false" || text == "0") {
    out = false;
  } else {
    throw bad_value(text, "true or false");
  }
}

void parse(std::string_view text, int& out) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (ec != std::errc{} || end != text.data() + text.size()) throw bad_value(text, "a number");
}

void parse(std::string_view text, std::chrono::milliseconds& out) {
  constexpr std::string_view kExpected = "a duration such as 500ms, 30s, 5m or 1h";
  const auto unit_at = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view unit = text.substr(unit_at);
  const int scale = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60'000 : unit == "h" ? 3'600'000 : 0;
  std::int64_t count = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + unit_at, count);
  if (scale == 0 || ec != std::errc{} || count > 1'000'000'000) throw bad_value(text, kExpected);
  out = std::chrono::milliseconds(count * scale);
}

void parse(std::string_view text, Secret& out) { out = Secret(std::string(text)); }

void parse(std::string_view text, List& out) {
  out.clear();
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    if (comma > 0) out.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
}

void parse(std::string_view text, Pairs& out) {
  List items;
  parse(text, items);
  out.clear();
  for (const std::string& item : items) {
    const auto equals = item.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == item.size()) {
      throw bad_value(item, "of the form NAME=VALUE");
    }
    out[item.substr(0, equals)] = item.substr(equals + 1);
  }
}

std::string to_text(const std::string& value) { return value; }
std::string to_text(bool value) { return value ? "true" : "false"; }
std::string to_text(int value) { return std::to_string(value); }
std::string to_text(const Secret& value) { return value.empty() ? "" : "[secret]"; }
std::string to_text(const List& value) { return fmt::format("{}", fmt::join(value, ",")); }

std::string to_text(std::chrono::milliseconds value) {
  const auto count = value.count();
  if (count % 3'600'000 == 0 && count > 0) return fmt::format("{}h", count / 3'600'000);
  if (count % 60'000 == 0 && count > 0) return fmt::format("{}m", count / 60'000);
  return count % 1000 == 0 ? fmt::format("{}s", count / 1000) : fmt::format("{}ms", count);
}

std::string to_text(const Pairs& value) {
  List items;
  for (const auto& [name, target] : value) items.push_back(fmt::format("{}={}", name, target));
  return to_text(items);
}

}  // namespace sockerless::config
