#pragma once

#include <string_view>

#include "base/error.h"

namespace sockerless::core {

// The sentences that Docker clients match on, one function per situation (docker-clients facts:
// texts of API 1.55; moby's errdefs decide the kinds).
Error no_such_container(std::string_view reference);
Error ambiguous_prefix(std::string_view prefix);
Error no_such_image(std::string_view reference);
Error already_in_that_state();  // 304 without a body
Error not_running(std::string_view container_id);
Error name_in_use(std::string_view name, std::string_view owner_id);
Error bad_container_name(std::string_view name);
Error container_is_running(std::string_view reference);
Error container_is_restarting_for_removal(std::string_view reference);
Error container_is_restarting(std::string_view reference);
Error removal_in_progress(std::string_view reference);
Error runtime_refused(std::string_view text);

}  // namespace sockerless::core
