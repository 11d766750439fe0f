#include "core/events.h"

namespace sockerless::core {
namespace {

constexpr std::size_t kRemembered = 256;  // as many as dockerd keeps

}  // namespace

void Events::publish(DockerEvent event) {
  event.time = clock_.now();
  for (const Listener& listener : listeners_) listener(event);
  recent_.push_back(std::move(event));
  if (recent_.size() > kRemembered) recent_.pop_front();
}

void Events::publish(const Container& container, std::string action, std::map<std::string, std::string> attributes) {
  DockerEvent event{"container", std::move(action), container.id, std::move(attributes), {}};
  event.attributes.insert(container.config.labels.begin(), container.config.labels.end());
  event.attributes["name"] = container.name;
  event.attributes["image"] = container.config.image;
  publish(std::move(event));
}

std::unique_ptr<Events::Subscription> Events::subscribe(Listener listener) {
  listeners_.push_back(std::move(listener));
  return std::make_unique<Subscription>(listeners_, std::prev(listeners_.end()));
}

}  // namespace sockerless::core
