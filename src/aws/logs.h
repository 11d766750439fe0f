#pragma once

#include "aws/client.h"
#include "aws/logs_types.h"

namespace sockerless::aws {

inline constexpr Service kLogs{"CloudWatch Logs", "logs", "logs", "Logs_20140328", "CLOUDWATCH_LOGS"};

// The calls of CloudWatch Logs that the project uses. See Client for what they throw; a group or
// stream that does not exist is an ApiError with the code ResourceNotFoundException.
class Logs {
 public:
  explicit Logs(Client& client) : client_(client) {}

  Awaitable<GetLogEventsResponse> get_log_events(GetLogEventsRequest request);
  Awaitable<FilterLogEventsResponse> filter_log_events(FilterLogEventsRequest request);
  Awaitable<CreateLogGroupResponse> create_log_group(CreateLogGroupRequest request);
  Awaitable<DescribeLogGroupsResponse> describe_log_groups(DescribeLogGroupsRequest request);
  Awaitable<DescribeLogStreamsResponse> describe_log_streams(DescribeLogStreamsRequest request);
  Awaitable<PutRetentionPolicyResponse> put_retention_policy(PutRetentionPolicyRequest request);

 private:
  Client& client_;
};

}  // namespace sockerless::aws
