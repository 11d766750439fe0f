#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.h"
#include "base/json.h"

namespace sockerless::cloud {

// One AWS service of the JSON 1.1 protocol: its operations by name. An operation is a function
// from a typed request to a typed response; what it throws becomes the error answer.
class Service {
 public:
  using Operation = std::function<Awaitable<std::string>(json::Value request)>;

  // `target_prefix` is what stands before the dot in X-Amz-Target, `signing_name` what a
  // signature's credential scope must name.
  Service(std::string target_prefix, std::string signing_name)
      : target_prefix_(std::move(target_prefix)), signing_name_(std::move(signing_name)) {}

  const std::string& target_prefix() const { return target_prefix_; }
  const std::string& signing_name() const { return signing_name_; }

  template <typename Context, typename Request, typename Response>
  void add(const std::string& name, Context& context, Response (*operation)(Context&, Request)) {
    operations_[name] = [&context, operation](json::Value request) {
      return at_once(json::to_text(operation(context, json::from_value<Request>(request))));
    };
  }

  template <typename Context, typename Request, typename Response>
  void add(const std::string& name, Context& context, Awaitable<Response> (*operation)(Context&, Request)) {
    operations_[name] = [&context, operation](json::Value request) {
      return later(operation(context, json::from_value<Request>(request)));
    };
  }

  // Null if the service has no such operation.
  const Operation* find(std::string_view name) const {
    const auto found = operations_.find(name);
    return found == operations_.end() ? nullptr : &found->second;
  }

 private:
  static Awaitable<std::string> at_once(std::string text) { co_return text; }

  template <typename Response>
  static Awaitable<std::string> later(Awaitable<Response> response) {
    co_return json::to_text(co_await std::move(response));
  }

  std::string target_prefix_;
  std::string signing_name_;
  std::map<std::string, Operation, std::less<>> operations_;
};

// For operations without input or output members.
struct Nothing {
  static constexpr auto fields() { return std::tuple<>{}; }
};

}  // namespace sockerless::cloud
