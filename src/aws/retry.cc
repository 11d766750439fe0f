#include "aws/retry.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

namespace sockerless::aws {
namespace {

constexpr int kCapacity = 500;
constexpr int kCost = 5;
constexpr int kNoAnswerCost = 10;
constexpr double kLongestDelaySeconds = 20;

}  // namespace

Jitter random_jitter() {
  return [engine = std::make_shared<std::mt19937_64>(std::random_device{}())] {
    return std::uniform_real_distribution<double>(0, 1)(*engine);
  };
}

Clock::Duration retry_delay(int failed_attempts, const Jitter& jitter) {
  const double longest = std::min(std::pow(2.0, failed_attempts - 1), kLongestDelaySeconds);
  return std::chrono::duration_cast<Clock::Duration>(std::chrono::duration<double>(jitter() * longest));
}

bool RetryBudget::take(Cause cause) {
  const int cost = cause == Cause::no_answer ? kNoAnswerCost : kCost;
  if (left_ < cost) return false;
  left_ -= cost;
  return true;
}

void RetryBudget::give_back_one() { left_ = std::min(left_ + 1, kCapacity); }

}  // namespace sockerless::aws
