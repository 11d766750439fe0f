#pragma once

#include <string_view>

// Whether a text can be the name of one of AWS's resources. What has the right form need not exist: `doctor` asks.
namespace sockerless::ecs {

bool can_be_subnet(std::string_view text);          // subnet-0123456789abcdef0
bool can_be_security_group(std::string_view text);  // sg-…
bool can_be_file_system(std::string_view text);     // fs-…
bool can_be_cluster(std::string_view text);         // a name or an ARN
bool can_be_log_group(std::string_view text);

// `partition`: that of the region, which no ARN crosses.
bool can_be_role_arn(std::string_view text, std::string_view partition);
bool can_be_secret_arn(std::string_view text, std::string_view partition);

}  // namespace sockerless::ecs
