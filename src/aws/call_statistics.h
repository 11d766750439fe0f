#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace sockerless::aws {

// How often a client has called what, with which result, and how long AWS took: each attempt counts.
class CallStatistics {
 public:
  struct Row {
    std::uint64_t count = 0;
    double seconds = 0;  // of all together
  };

  // `result`: "ok", AWS's error code, or "no answer".
  void add(const std::string& operation, const std::string& result, double seconds) {
    Row& row = rows_[{operation, result}];
    ++row.count;
    row.seconds += seconds;
  }

  // By operation and result.
  const std::map<std::pair<std::string, std::string>, Row>& rows() const { return rows_; }

 private:
  std::map<std::pair<std::string, std::string>, Row> rows_;
};

}  // namespace sockerless::aws
