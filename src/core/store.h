#pragma once

#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/async.h"
#include "base/error.h"
#include "base/json.h"

namespace sockerless::core {

// How much a row must survive: `relaxed` a crash of the daemon, `full` a power cut too. A row that
// stands for something that costs money (an intent, a task) is `full`.
enum class Durability { relaxed, full };

// Documents under (table, key). Reads happen once, at the start: everything lives in memory, the
// store is what a restart begins with. Writes take effect in the order of the calls.
class Store {
 public:
  using Rows = std::vector<std::pair<std::string, std::string>>;  // key, document

  virtual ~Store() = default;

  // What the table held when the store was opened, in the order of the keys. Asked for once.
  virtual Rows load(std::string_view table) = 0;

  // Return once the change is durable. Throw Error(internal) if it could not be written.
  virtual Awaitable<void> put(std::string table, std::string key, std::string document, Durability durability) = 0;
  virtual Awaitable<void> erase(std::string table, std::string key) = 0;
};

// A document that the store has returned. Throws Error(unavailable) that names the row and the way
// out.
template <typename T>
T read_row(std::string_view table, const std::string& key, const std::string& document) {
  try {
    return json::parse<T>(document);
  } catch (const Error& error) {
    throw Error(ErrorKind::unavailable,
                fmt::format("the row {}/{} of the state cannot be read: {}; restore the state folder from a copy, or "
                            "delete that row from its state.db",
                            table, key, error.what()));
  }
}

// Forgets everything with the process: `--state-dir none`.
class MemoryStore final : public Store {
 public:
  Rows load(std::string_view table) override;
  Awaitable<void> put(std::string table, std::string key, std::string document, Durability durability) override;
  Awaitable<void> erase(std::string table, std::string key) override;

 private:
  std::map<std::pair<std::string, std::string>, std::string> rows_;
};

// SQLite in WAL mode on a thread of its own; what has queued up meanwhile is committed together.
// Takes a lock on the folder: a second daemon on it is refused.
class SqliteStore final : public Store {
 public:
  // Makes the folder (mode 0700) and the database as needed. Throws Error that names the folder,
  // the cause and the way out.
  SqliteStore(std::string folder, Executor loop);
  ~SqliteStore() override;

  Rows load(std::string_view table) override;
  Awaitable<void> put(std::string table, std::string key, std::string document, Durability durability) override;
  Awaitable<void> erase(std::string table, std::string key) override;

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace sockerless::core
