#include "aws/logs.h"

namespace sockerless::aws {

Awaitable<GetLogEventsResponse> Logs::get_log_events(GetLogEventsRequest request) {
  return client_.call<GetLogEventsResponse>(kLogs, "GetLogEvents", std::move(request));
}

Awaitable<FilterLogEventsResponse> Logs::filter_log_events(FilterLogEventsRequest request) {
  return client_.call<FilterLogEventsResponse>(kLogs, "FilterLogEvents", std::move(request));
}

Awaitable<CreateLogGroupResponse> Logs::create_log_group(CreateLogGroupRequest request) {
  return client_.call<CreateLogGroupResponse>(kLogs, "CreateLogGroup", std::move(request));
}

Awaitable<DescribeLogGroupsResponse> Logs::describe_log_groups(DescribeLogGroupsRequest request) {
  return client_.call<DescribeLogGroupsResponse>(kLogs, "DescribeLogGroups", std::move(request));
}

Awaitable<DescribeLogStreamsResponse> Logs::describe_log_streams(DescribeLogStreamsRequest request) {
  return client_.call<DescribeLogStreamsResponse>(kLogs, "DescribeLogStreams", std::move(request));
}

Awaitable<PutRetentionPolicyResponse> Logs::put_retention_policy(PutRetentionPolicyRequest request) {
  return client_.call<PutRetentionPolicyResponse>(kLogs, "PutRetentionPolicy", std::move(request));
}

}  // namespace sockerless::aws
