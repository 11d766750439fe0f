#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace sockerless::config {

class OptionBase;

// A group of options. Deriving structs declare Option<T> members; each member registers itself
// here, and from that single declaration come the flag (--ecs-cluster), the environment variable
// (SOCKERLESS_ECS_CLUSTER) and the row in docs/configuration.md.
class Options {
 public:
  using Environment = std::function<const char*(const char* name)>;

  Options() = default;
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  // `--flag value`, `--flag=value`, and `--flag` alone for booleans. Flags win over the
  // environment, the environment over defaults. Throws Error(invalid_argument) that lists every
  // unknown flag and every value that does not parse, one a line.
  void load(const std::vector<std::string>& arguments, const Environment& environment);

  // A table in Markdown, one row an option.
  std::string reference_markdown() const;

  // What --help prints below the usage line.
  std::string help_text() const;

  // Effective values, one `flag=value` a line; secrets read [secret].
  std::string effective_text() const;

 private:
  friend class OptionBase;

  void load_environment(const Environment& environment, std::string& problems);
  void load_arguments(const std::vector<std::string>& arguments, std::string& problems);

  std::vector<OptionBase*> options_;
};

class OptionBase {
 public:
  // `other_environment` names variables, separated by blanks, that are read when the project's own is
  // not set; the first that is counts: "AWS_REGION AWS_DEFAULT_REGION".
  OptionBase(Options* group, std::string_view name, std::string_view doc, std::string_view other_environment);
  virtual ~OptionBase() = default;

  std::string flag() const;
  std::string environment_name() const;
  std::vector<std::string> other_environment() const;
  std::string_view doc() const { return doc_; }
  bool is_given() const { return is_given_; }

  virtual bool is_boolean() const = 0;
  virtual std::string text() const = 0;

  // Throws Error(invalid_argument).
  void give(std::string_view text);

 private:
  virtual void set(std::string_view text) = 0;

  std::string_view name_;
  std::string_view doc_;
  std::string_view other_environment_;
  bool is_given_ = false;
};

// HOST=URL[,HOST=URL…]
using Pairs = std::map<std::string, std::string>;
using List = std::vector<std::string>;

void parse(std::string_view text, std::string& out);
void parse(std::string_view text, bool& out);
void parse(std::string_view text, int& out);
void parse(std::string_view text, std::chrono::milliseconds& out);  // 500ms, 30s, 5m, 1h
void parse(std::string_view text, Secret& out);
void parse(std::string_view text, List& out);   // separated by commas
void parse(std::string_view text, Pairs& out);  // NAME=VALUE, separated by commas

std::string to_text(const std::string& value);
std::string to_text(bool value);
std::string to_text(int value);
std::string to_text(std::chrono::milliseconds value);
std::string to_text(const Secret& value);
std::string to_text(const List& value);
std::string to_text(const Pairs& value);

template <typename T>
class Option final : public OptionBase {
 public:
  Option(Options* group, std::string_view name, T fallback, std::string_view doc,
         std::string_view other_environment = {})
      : OptionBase(group, name, doc, other_environment), value_(std::move(fallback)) {}

  const T& operator()() const { return value_; }
  bool is_boolean() const override { return std::is_same_v<T, bool>; }
  std::string text() const override { return to_text(value_); }

 private:
  void set(std::string_view text) override { parse(text, value_); }

  T value_;
};

}  // namespace sockerless::config
