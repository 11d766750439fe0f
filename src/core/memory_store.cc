#include "core/store.h"

namespace sockerless::core {

Store::Rows MemoryStore::load(std::string_view table) {
  Rows rows;
  for (const auto& [where, document] : rows_) {
    if (where.first == table) rows.emplace_back(where.second, document);
  }
  return rows;
}

Awaitable<void> MemoryStore::put(std::string table, std::string key, std::string document, Durability) {
  rows_[{std::move(table), std::move(key)}] = std::move(document);
  co_return;
}

Awaitable<void> MemoryStore::erase(std::string table, std::string key) {
  rows_.erase({std::move(table), std::move(key)});
  co_return;
}

}  // namespace sockerless::core
