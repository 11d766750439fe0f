#pragma once

#include <map>
#include <string>

#include "aws/ec2.h"
#include "aws/ecs_task.h"

namespace sockerless::ecs {

// Under which address a daemon outside the VPC dials a task that has a public one. Asks once a task;
// whoever may not ask dials the private address, as is said once.
class PublicAddresses {
 public:
  explicit PublicAddresses(aws::Client& client) : ec2_(client) {}

  // "" if there is none or it cannot be known. Never throws but for cancellation.
  Awaitable<std::string> find(aws::Task task);
  void forget(const std::string& task) { known_.erase(task); }

 private:
  aws::Ec2 ec2_;
  std::map<std::string, std::string> known_;  // by task
  bool is_refused_ = false;
};

}  // namespace sockerless::ecs
