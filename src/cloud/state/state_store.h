#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/async.h"
#include "base/error.h"
#include "base/json.h"

namespace sockerless::cloud {

// What a cloud begins with after a restart: documents under (table, key) in SQLite's WAL mode,
// written by a thread of its own. Everything lives in memory elsewhere; this is a copy that is
// never read after the start. A change that is settled survives that the process is killed, and a
// power cut leaves an older but whole state. Lives on the loop.
class StateStore {
 public:
  using Rows = std::vector<std::pair<std::string, std::string>>;  // key, document

  // Makes the folder as needed. Throws Error that names the folder, the cause and the way out.
  StateStore(const std::string& folder, Executor loop);
  // Writes what is not yet written.
  ~StateStore();
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;

  // What the table held at the start, in the order of the keys. Asked for once.
  Rows load(std::string_view table);

  // Take effect in the order of the calls; of several changes of a row only the last is written. A
  // disk that takes no more is logged and tried again: it costs what a restart would know.
  void put(std::string table, std::string key, std::string document);
  void erase(std::string table, std::string key);

  // Returns once all changes so far have been written, or could not be.
  Awaitable<void> settled();

 private:
  class Writer;
  std::shared_ptr<Writer> writer_;
};

// A document that the store has returned. Throws Error(unavailable) that names the row and the way
// out.
template <typename T>
T read_row(std::string_view table, const std::string& key, const std::string& document) {
  try {
    return json::parse<T>(document);
  } catch (const Error& error) {
    throw Error(ErrorKind::unavailable,
                fmt::format("the row {}/{} of the cloud's state cannot be read: {}; delete that row from its state.db, "
                            "or the folder to start empty",
                            table, key, error.what()));
  }
}

}  // namespace sockerless::cloud
