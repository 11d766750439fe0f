#include "base/worker_pool.h"

namespace sockerless {

WorkerPool::WorkerPool(std::size_t threads) : pool_(threads) {}

WorkerPool::~WorkerPool() { pool_.join(); }

}  // namespace sockerless
