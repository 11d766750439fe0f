#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sockerless::core::build {

// What --build-arg gives and ARG declares: before the first FROM for all FROMs, and in a stage for
// what follows there.
class BuildArguments {
 public:
  using Given = std::map<std::string, std::optional<std::string>, std::less<>>;

  explicit BuildArguments(Given given) : given_(std::move(given)) {}

  void declare_global(const std::string& name, std::optional<std::string> value);
  std::optional<std::string> global(std::string_view name) const;

  // Stages do not see each other's.
  void begin_stage() { declared_.clear(); }
  void declare(const std::string& name, std::optional<std::string> value);
  std::optional<std::string> value(std::string_view name) const;

  // "NAME=value" of what the stage has declared so far.
  std::vector<std::string> all() const;

  // Given, but nowhere declared; proxies need no declaration.
  std::vector<std::string> unused() const;

 private:
  using Defaults = Given;

  std::optional<std::string> look_up(const Defaults& defaults, std::string_view name) const;

  Given given_;
  Defaults globals_;
  Defaults declared_;
  std::set<std::string, std::less<>> used_;
};

}  // namespace sockerless::core::build
