#pragma once

#include "core/container.h"

namespace sockerless::core {

// Gives containers their places in networks for as long as they run. On the loop.
class NetworkAttachment {
 public:
  virtual ~NetworkAttachment() = default;

  // Gives every network of the record an endpoint. Throws Error(not_found) for a network that is gone,
  // Error(forbidden) for an address that cannot be had; the record is as before then.
  virtual void attach(Container& container) = 0;

  // Takes the endpoints away and says whether there were any; the networks stay on record for the next start.
  virtual bool detach(Container& container) = 0;

  // The end of the endpoints is told to those who listen to events, behind the container's own end.
  virtual void note_detached(const Container& container) = 0;
};

}  // namespace sockerless::core
