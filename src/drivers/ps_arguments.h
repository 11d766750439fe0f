#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "drivers/ps_columns.h"

namespace sockerless::drivers {

struct PsTitledColumn {
  const PsColumn* column;
  std::string title;
};

// The columns that ps shows for the arguments, "-ef" if there are none. Which processes an argument selects
// does not matter: a container shows all of its own. Throws Error(invalid_argument) for what is no
// argument of ps, what /proc does not tell, and for columns without PID.
std::vector<PsTitledColumn> parse_ps_arguments(std::string_view arguments);

}  // namespace sockerless::drivers
