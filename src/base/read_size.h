#pragma once

#include <algorithm>
#include <cstddef>

namespace sockerless {

// How much to ask a stream for at once: little while little comes, so that a quiet connection needs little memory,
// and more as long as every read comes back full.
class ReadSize {
 public:
  ReadSize(std::size_t least, std::size_t most) : least_(least), most_(most), size_(least) {}

  std::size_t get() const { return size_; }

  // That much came.
  void note(std::size_t count) {
    if (count == size_) {
      size_ = std::min(size_ * 2, most_);
    } else if (count < size_ / 4) {
      size_ = std::max(size_ / 2, least_);
    }
  }

 private:
  std::size_t least_;
  std::size_t most_;
  std::size_t size_;
};

}  // namespace sockerless
