#include "ecs/log_streams.h"

#include "ecs/task_definition.h"

namespace sockerless::ecs {
namespace {

constexpr int kMostEvents = 10'000;

}  // namespace

Awaitable<bool> ensure_log_group(aws::Logs& logs, std::string group) {
  try {
    co_await logs.create_log_group({.log_group_name = group});
    co_return true;
  } catch (const aws::ApiError& error) {
    if (error.code() != "ResourceAlreadyExistsException") throw;
  }
  co_return false;
}

Awaitable<core::LogPage> read_log_page(aws::Logs& logs, std::string group, core::LogQuery query) {
  aws::GetLogEventsRequest request;
  request.log_group_name = group;
  request.log_stream_name = log_stream_of(query.container_id, query.task);
  request.next_token = query.cursor;
  request.limit = kMostEvents;
  request.start_from_head = true;
  core::LogPage page;
  try {
    const aws::GetLogEventsResponse response = co_await logs.get_log_events(request);
    for (const aws::OutputLogEvent& event : response.events) {
      page.events.push_back({Time(std::chrono::milliseconds(event.timestamp)), event.message});
    }
    // Pages may be short or empty without being the last: only an unchanged token is the end.
    page.at_end = response.next_forward_token == query.cursor;
    page.cursor = response.next_forward_token;
  } catch (const aws::ApiError& error) {
    if (error.code() != "ResourceNotFoundException") throw;
    page.cursor = query.cursor;
    page.at_end = true;
  }
  co_return page;
}

}  // namespace sockerless::ecs
