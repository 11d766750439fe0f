#include "cloud/state/state_store.h"

#include <sys/stat.h>

#include <boost/asio/post.hpp>

#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "base/event.h"
#include "base/log.h"
#include "base/sqlite.h"

namespace sockerless::cloud {
namespace {

const Logger log("state");

constexpr int kSchemaVersion = 1;
constexpr auto kIdle = std::chrono::seconds(1);
constexpr auto kRetryPause = std::chrono::seconds(1);

void make_schema(sqlite3* database) {
  const int version = sqlite::read_number(database, "PRAGMA user_version");
  if (version == kSchemaVersion) return;
  if (version != 0) {
    throw Error(ErrorKind::internal, fmt::format("it was written by another version (schema {}, this one knows {})",
                                                 version, kSchemaVersion));
  }
  sqlite::execute(database,
                  "BEGIN IMMEDIATE;"
                  "CREATE TABLE documents ("
                  "  kind TEXT NOT NULL, key TEXT NOT NULL, document TEXT NOT NULL,"
                  "  PRIMARY KEY (kind, key)) WITHOUT ROWID;"
                  "PRAGMA user_version=1;"
                  "COMMIT");
}

sqlite::Database open_database(const std::string& folder) {
  std::error_code made;
  std::filesystem::create_directories(folder, made);
  ::chmod(folder.c_str(), 0700);  // environments of tasks are in it
  const std::string path = folder + "/state.db";
  try {
    sqlite::Database database = sqlite::open(path);
    sqlite::execute(database.get(), "PRAGMA journal_mode=WAL");
    sqlite::execute(database.get(), "PRAGMA synchronous=NORMAL");
    // A checkpoint waits for the disk and holds up answers: as a rule it is made when nothing happens.
    sqlite::execute(database.get(), "PRAGMA wal_autocheckpoint=16000");
    sqlite::check_integrity(database.get());
    make_schema(database.get());
    return database;
  } catch (const Error& error) {
    throw Error(ErrorKind::unavailable,
                fmt::format("cannot use the cloud's state in {}: {}; move the file and its -wal away to start empty",
                            path, error.what()));
  }
}

}  // namespace

// Shared by the loop, which queues, and the thread, which writes.
class StateStore::Writer : public std::enable_shared_from_this<StateStore::Writer> {
 public:
  using RowName = std::pair<std::string, std::string>;            // table, key
  using Changes = std::map<RowName, std::optional<std::string>>;  // nothing: erase

  Writer(const std::string& folder, Executor loop) : database_(open_database(folder)), loop_(std::move(loop)) {
    read_everything();
    put_ = sqlite::prepare(database_.get(), "INSERT OR REPLACE INTO documents (kind, key, document) VALUES (?, ?, ?)");
    erase_ = sqlite::prepare(database_.get(), "DELETE FROM documents WHERE kind = ? AND key = ?");
  }

  void start() {
    thread_ = std::thread([this] { run(); });
  }

  void stop() {
    {
      const std::lock_guard guard(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  Rows load(std::string_view table) {
    const auto found = loaded_.extract(std::string(table));
    return found ? std::move(found.mapped()) : Rows();
  }

  void change(RowName row, std::optional<std::string> document) {
    {
      const std::lock_guard guard(mutex_);
      queue_.insert_or_assign(std::move(row), std::move(document));
      ++changes_;
    }
    wake_.notify_one();
  }

  Awaitable<void> settled() {
    const auto self = shared_from_this();
    std::uint64_t wanted = 0;
    {
      const std::lock_guard guard(mutex_);
      wanted = changes_;
    }
    while (settled_ < wanted) co_await progress_.wait();
  }

 private:
  void read_everything() {
    const char* sql = "SELECT kind, key, document FROM documents ORDER BY kind, key";
    const sqlite::Statement statement = sqlite::prepare(database_.get(), sql);
    int result = SQLITE_OK;
    while ((result = sqlite3_step(statement.get())) == SQLITE_ROW) {
      loaded_[sqlite::column(statement.get(), 0)].emplace_back(sqlite::column(statement.get(), 1),
                                                               sqlite::column(statement.get(), 2));
    }
    if (result != SQLITE_DONE) sqlite::fail(database_.get(), sql);
  }

  void run() {
    bool is_clean = true;
    for (;;) {
      Changes batch;
      std::uint64_t reached = 0;
      bool is_last = false;
      {
        std::unique_lock guard(mutex_);
        wake_.wait_for(guard, kIdle, [&] { return stopping_ || !queue_.empty(); });
        batch.swap(queue_);
        reached = changes_;
        is_last = stopping_;
      }
      if (!batch.empty()) {
        is_clean = false;
        if (!commit(batch)) put_back(std::move(batch));
        tell(reached);
      } else if (!is_clean) {
        sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
        is_clean = true;
      }
      if (is_last) return;
    }
  }

  bool commit(const Changes& batch) {
    try {
      sqlite::execute(database_.get(), "BEGIN IMMEDIATE");
      for (const auto& [row, document] : batch) write(row, document);
      sqlite::execute(database_.get(), "COMMIT");
      is_failing_ = false;
      return true;
    } catch (const Error& error) {
      if (!is_failing_) log.error("state is not written: a restart would not know it", {{"error", error.what()}});
      is_failing_ = true;
      sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
      return false;
    }
  }

  void write(const RowName& row, const std::optional<std::string>& document) {
    sqlite3_stmt* statement = document ? put_.get() : erase_.get();
    sqlite3_reset(statement);
    sqlite::bind_text(statement, 1, row.first);
    sqlite::bind_text(statement, 2, row.second);
    if (document) sqlite::bind_text(statement, 3, *document);
    if (sqlite3_step(statement) != SQLITE_DONE) sqlite::fail(database_.get(), "write " + row.first);
    sqlite3_reset(statement);
  }

  // What has come meanwhile is newer and stays.
  void put_back(Changes batch) {
    std::unique_lock guard(mutex_);
    queue_.merge(batch);
    wake_.wait_for(guard, kRetryPause, [&] { return stopping_; });
  }

  void tell(std::uint64_t reached) {
    asio::post(loop_, [self = shared_from_this(), reached] {
      self->settled_ = std::max(self->settled_, reached);
      self->progress_.pulse();
    });
  }

  sqlite::Database database_;
  Executor loop_;
  std::map<std::string, Rows> loaded_;
  sqlite::Statement put_;
  sqlite::Statement erase_;
  bool is_failing_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  Changes queue_;
  std::uint64_t changes_ = 0;
  bool stopping_ = false;
  std::uint64_t settled_ = 0;  // on the loop, as is the next
  Event progress_;
  std::thread thread_;
};

StateStore::StateStore(const std::string& folder, Executor loop)
    : writer_(std::make_shared<Writer>(folder, std::move(loop))) {
  writer_->start();
}

StateStore::~StateStore() { writer_->stop(); }

StateStore::Rows StateStore::load(std::string_view table) { return writer_->load(table); }

void StateStore::put(std::string table, std::string key, std::string document) {
  writer_->change({std::move(table), std::move(key)}, std::move(document));
}

void StateStore::erase(std::string table, std::string key) {
  writer_->change({std::move(table), std::move(key)}, std::nullopt);
}

Awaitable<void> StateStore::settled() { return writer_->settled(); }

}  // namespace sockerless::cloud
