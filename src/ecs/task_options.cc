#include "ecs/task_options.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/error.h"
#include "core/image_reference.h"
#include "ecs/resource_names.h"

namespace sockerless::ecs {
namespace {

constexpr std::string_view kPrefix = "sockerless.";
constexpr int kLeastStorage = 21;  // GiB, Fargate's bounds beyond its own 20
constexpr int kMostStorage = 200;
constexpr double kMostCpus = 16;

class Labels {
 public:
  explicit Labels(const core::Container& container) : labels_(container.config.labels) {}

  // "" if the container has none.
  std::string value(std::string_view name) const {
    const auto found = labels_.find(std::string(kPrefix) + std::string(name));
    return found == labels_.end() ? "" : found->second;
  }

  Error bad(std::string_view name, std::string_view expected) const {
    return {ErrorKind::invalid_argument,
            fmt::format("label {}{}: \"{}\" is not {}", kPrefix, name, value(name), expected)};
  }

 private:
  const std::map<std::string, std::string>& labels_;
};

std::int64_t nano_cpus(const Labels& labels, std::int64_t otherwise) {
  const std::string text = labels.value("cpu");
  if (text.empty()) return otherwise;
  char* end = nullptr;
  const double cpus = std::strtod(text.c_str(), &end);
  const bool is_number = end == text.c_str() + text.size() && std::isfinite(cpus);
  if (!is_number || cpus <= 0 || cpus > kMostCpus) throw labels.bad("cpu", "a number of CPUs, such as 0.5 or 4");
  return std::llround(cpus * 1e9);
}

std::int64_t memory(const Labels& labels, std::int64_t otherwise) {
  const std::string text = labels.value("memory");
  if (text.empty()) return otherwise;
  std::int64_t count = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const bool is_gib = unit == "g" || unit == "G" || unit == "gb" || unit == "GB";
  const bool is_mib = unit == "m" || unit == "M" || unit == "mb" || unit == "MB";
  if (ec != std::errc{} || count <= 0 || count > 1'000'000 || (!is_gib && !is_mib)) {
    throw labels.bad("memory", "an amount of memory, such as 512m or 4g");
  }
  return count * 1024 * 1024 * (is_gib ? 1024 : 1);
}

int storage(const Labels& labels) {
  const std::string text = labels.value("ephemeral-storage");
  if (text.empty()) return 0;
  int gib = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), gib);
  if (ec != std::errc{} || end != text.data() + text.size() || gib < kLeastStorage || gib > kMostStorage) {
    throw labels.bad("ephemeral-storage", fmt::format("a number of GiB from {} to {}", kLeastStorage, kMostStorage));
  }
  return gib;
}

bool public_ip(const Labels& labels, bool otherwise) {
  const std::string text = labels.value("public-ip");
  if (text.empty()) return otherwise;
  if (text != "true" && text != "false") throw labels.bad("public-ip", "true or false");
  return text == "true";
}

std::vector<std::string> subnets(const Labels& labels, const std::vector<std::string>& otherwise) {
  std::string_view text;
  const std::string value = labels.value("subnets");
  if (value.empty()) return otherwise;
  std::vector<std::string> names;
  for (text = value; !text.empty();) {
    const auto comma = std::min(text.find(','), text.size());
    const std::string_view name = text.substr(0, comma);
    if (!can_be_subnet(name)) throw labels.bad("subnets", "a list of subnets, separated by commas");
    names.emplace_back(name);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return names;
}

std::string registry_secret(const Labels& labels, const core::Container& container, const FargateSettings& settings) {
  if (const std::string text = labels.value("registry-credentials"); !text.empty()) {
    if (!text.starts_with("arn:")) throw labels.bad("registry-credentials", "the ARN of a secret");
    return text;
  }
  if (settings.registry_secrets.empty()) return "";
  const std::string& image = container.image_source.empty() ? container.config.image : container.image_source;
  const auto found = settings.registry_secrets.find(core::ImageReference::parse(image).domain());
  return found == settings.registry_secrets.end() ? "" : found->second;
}

}  // namespace

Capacity parse_capacity(std::string_view text) {
  if (text == "on-demand") return Capacity::on_demand;
  if (text == "spot") return Capacity::spot;
  if (text == "spot-fallback") return Capacity::spot_fallback;
  throw Error(ErrorKind::invalid_argument, fmt::format("\"{}\" is not on-demand, spot or spot-fallback", text));
}

TaskOptions task_options(const core::Container& container, const FargateSettings& settings) {
  const Labels labels(container);
  TaskOptions options{.nano_cpus = nano_cpus(labels, container.host_config.nano_cpus),
                      .memory = memory(labels, container.host_config.memory),
                      .capacity = settings.capacity,
                      .task_role_arn = settings.task_role_arn,
                      .subnets = subnets(labels, settings.subnets),
                      .ephemeral_storage_gib = storage(labels),
                      .public_ip = public_ip(labels, settings.public_ip),
                      .registry_secret = registry_secret(labels, container, settings)};
  if (const std::string capacity = labels.value("capacity"); !capacity.empty()) {
    try {
      options.capacity = parse_capacity(capacity);
    } catch (const Error&) {
      throw labels.bad("capacity", "on-demand, spot or spot-fallback");
    }
  }
  if (const std::string role = labels.value("task-role"); !role.empty()) {
    if (!role.starts_with("arn:")) throw labels.bad("task-role", "the ARN of a role");
    options.task_role_arn = role;
  }
  return options;
}

}  // namespace sockerless::ecs
