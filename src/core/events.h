#pragma once

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <string>

#include "base/clock.h"
#include "core/container.h"

namespace sockerless::core {

// What happened to an object, in the words of Docker's event stream.
struct DockerEvent {
  std::string type;    // container, image, …
  std::string action;  // create, start, die, …
  std::string id;
  std::map<std::string, std::string> attributes;
  Time time;
};

// Hands every event to whoever listens, and remembers the last ones for those who ask later.
class Events {
 public:
  using Listener = std::function<void(const DockerEvent&)>;

  // Ends the listening when it is destroyed.
  class Subscription {
   public:
    Subscription(std::list<Listener>& listeners, std::list<Listener>::iterator self)
        : listeners_(listeners), self_(self) {}
    ~Subscription() { listeners_.erase(self_); }
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

   private:
    std::list<Listener>& listeners_;
    std::list<Listener>::iterator self_;
  };

  explicit Events(Clock& clock) : clock_(clock) {}

  void publish(DockerEvent event);
  // With the container's name, image and labels among the attributes, as Docker does.
  void publish(const Container& container, std::string action, std::map<std::string, std::string> attributes = {});

  // The listener is called on the loop and must neither block nor unsubscribe from within.
  std::unique_ptr<Subscription> subscribe(Listener listener);

  std::size_t listeners() const { return listeners_.size(); }

  const std::deque<DockerEvent>& recent() const { return recent_; }

 private:
  Clock& clock_;
  std::list<Listener> listeners_;
  std::deque<DockerEvent> recent_;
};

}  // namespace sockerless::core
