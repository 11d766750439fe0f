#include "ecs/public_addresses.h"

#include "base/log.h"

namespace sockerless::ecs {
namespace {

const Logger log("fargate");

std::string interface_of(const aws::Task& task) {
  for (const aws::TaskAttachment& attachment : task.attachments) {
    for (const aws::AttachmentDetail& detail : attachment.details) {
      if (detail.name == "networkInterfaceId") return detail.value;
    }
  }
  return "";
}

}  // namespace

Awaitable<std::string> PublicAddresses::find(aws::Task task) {
  if (is_refused_) co_return "";
  if (const auto found = known_.find(task.task_arn); found != known_.end()) co_return found->second;
  const std::string interface = interface_of(task);
  if (interface.empty()) co_return "";
  try {
    std::string address = co_await ec2_.public_address(interface);
    if (!address.empty()) known_[task.task_arn] = address;
    co_return address;
  } catch (const Error& error) {
    is_refused_ = error.kind() == ErrorKind::forbidden;
    log.warn("a task's public address cannot be asked for; agents are dialled at private addresses",
             {{"task", task.task_arn}, {"error", error.what()}});
  }
  co_return "";
}

}  // namespace sockerless::ecs
