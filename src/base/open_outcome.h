#pragma once

#include "base/error.h"

namespace sockerless {

// Marks an Error that leaves open whether what was asked for has been done: the answer was lost, or does
// not say. Such an Error is caught by its own type as ever.
class OpenOutcome {
 public:
  virtual ~OpenOutcome() = default;
};

template <typename E>
class Open final : public E, public OpenOutcome {
 public:
  explicit Open(const E& error) : E(error) {}
};

// Looks at the Error as it was thrown; a copy has lost the mark.
inline bool outcome_is_open(const Error& error) { return dynamic_cast<const OpenOutcome*>(&error) != nullptr; }

}  // namespace sockerless
