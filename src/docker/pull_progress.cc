#include "docker/pull_progress.h"

#include <fmt/format.h>

#include "base/json.h"

namespace sockerless::docker {
namespace {

constexpr std::size_t kShortDigest = 12;

struct ProgressDetail {
  std::optional<std::int64_t> current;
  std::optional<std::int64_t> total;
  static constexpr auto fields() {
    using json::Emit;
    return std::tuple{json::field("current", &ProgressDetail::current, Emit::omit_empty),
                      json::field("total", &ProgressDetail::total, Emit::omit_empty)};
  }
};

struct ProgressLine {
  std::string status;
  std::optional<ProgressDetail> detail;
  std::string id;
  static constexpr auto fields() {
    using json::Emit;
    return std::tuple{json::field("status", &ProgressLine::status),
                      json::field("progressDetail", &ProgressLine::detail, Emit::omit_empty),
                      json::field("id", &ProgressLine::id, Emit::omit_empty)};
  }
};

std::string line(const ProgressLine& progress) { return json::to_text(progress) + "\r\n"; }

struct FailureDetail {
  std::string message;
  static constexpr auto fields() { return std::tuple{json::field("message", &FailureDetail::message)}; }
};

// How a stream that has begun says that it failed.
struct FailureLine {
  std::string error;
  FailureDetail detail;
  static constexpr auto fields() {
    return std::tuple{json::field("errorDetail", &FailureLine::detail), json::field("error", &FailureLine::error)};
  }
};

}  // namespace

std::string failure_line(const std::string& message) { return json::to_text(FailureLine{message, {message}}) + "\r\n"; }

std::string pull_beginning(const core::ImageReference& reference) {
  const std::string tag = reference.tag().empty() ? reference.digest() : reference.tag();
  return line({fmt::format("Pulling from {}", reference.path()), {}, tag});
}

std::string pull_progress(const core::ImageReference& reference, const core::PullResult& result) {
  std::string text = pull_beginning(reference);
  for (const core::ImageLayer& layer : result.layers) {
    const std::string id = layer.digest.substr(layer.digest.find(':') + 1, kShortDigest);
    if (result.was_present) continue;
    text += line({"Pulling fs layer", ProgressDetail{}, id});
    text += line({"Downloading", ProgressDetail{layer.size, layer.size}, id});
    text += line({"Download complete", ProgressDetail{}, id});
    text += line({"Pull complete", ProgressDetail{}, id});
  }
  if (!result.digest.empty()) text += line({"Digest: " + result.digest, {}, {}});
  if (!result.warning.empty()) text += line({"WARNING: " + result.warning, {}, {}});
  text += line({fmt::format("Status: {} for {}", result.was_present ? "Image is up to date" : "Downloaded newer image",
                            reference.familiar()),
                {},
                {}});
  return text;
}

}  // namespace sockerless::docker
