#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/crash_point.h"
#include "base/error.h"
#include "base/event.h"
#include "base/log.h"
#include "base/sqlite.h"
#include "core/store.h"

namespace sockerless::core {
namespace {

using sqlite::bind_text;
using sqlite::column;
using sqlite::execute;
using sqlite::fail;
using sqlite::prepare;
using sqlite::read_number;

const Logger log("store");

// Step N brings a database of version N to version N + 1; a new one passes them all. Documents are
// JSON whose members come and go without a new version.
constexpr std::array kMigrations{
    "CREATE TABLE documents ("
    "  kind TEXT NOT NULL, key TEXT NOT NULL, document TEXT NOT NULL,"
    "  PRIMARY KEY (kind, key)) WITHOUT ROWID",
};
constexpr int kSchemaVersion = kMigrations.size();

// Holds the folder for this process; the kernel drops the lock with the process.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder) {
    const std::string path = folder + "/lock";
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd_ < 0) {
      throw Error(ErrorKind::unavailable,
                  fmt::format("cannot write to the state folder {}: {}", folder, std::strerror(errno)));
    }
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      ::close(fd_);
      throw Error(ErrorKind::unavailable,
                  fmt::format("the state folder {} is in use by another sockerlessd; stop that one "
                              "or choose another folder with --state-dir",
                              folder));
    }
  }
  ~FolderLock() { ::close(fd_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_;
};

// Each step together with its version, so that an interrupted one is done again.
void migrate(sqlite3* database) {
  const int version = read_number(database, "PRAGMA user_version");
  if (version > kSchemaVersion) {
    throw Error(ErrorKind::internal, fmt::format("it was written by a newer version (schema {}, this one knows {})",
                                                 version, kSchemaVersion));
  }
  for (int step = version; step < kSchemaVersion; ++step) {
    execute(database, "BEGIN IMMEDIATE");
    execute(database, kMigrations.at(static_cast<std::size_t>(step)));
    execute(database, fmt::format("PRAGMA user_version={}", step + 1).c_str());
    execute(database, "COMMIT");
  }
}

sqlite::Database open_database(const std::string& folder) {
  const std::string path = folder + "/state.db";
  try {
    sqlite::Database database = sqlite::open(path);
    execute(database.get(), "PRAGMA journal_mode=WAL");
    sqlite::check_integrity(database.get());
    migrate(database.get());
    return database;
  } catch (const Error& error) {
    throw Error(ErrorKind::unavailable,
                fmt::format("cannot use the state in {}: {}; restore the file from a copy, or move it and its -wal "
                            "away to start empty: tasks that run are then adopted from ECS",
                            path, error.what()));
  }
}

}  // namespace

class SqliteStore::Writer {
 public:
  Writer(std::string folder, Executor loop)
      : lock_(make_folder(folder)), database_(open_database(folder)), loop_(std::move(loop)) {
    read_everything();
    put_ = prepare(database_.get(), "INSERT OR REPLACE INTO documents (kind, key, document) VALUES (?, ?, ?)");
    erase_ = prepare(database_.get(), "DELETE FROM documents WHERE kind = ? AND key = ?");
    thread_ = std::thread([this] { run(); });
  }

  ~Writer() {
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

  struct Change {
    std::string table;
    std::string key;
    std::optional<std::string> document;  // nothing: erase
    Durability durability = Durability::relaxed;
    std::string failure;  // set by the writer before `done`
    Event done;
  };

  Awaitable<void> apply(std::shared_ptr<Change> change) {
    {
      const std::lock_guard guard(mutex_);
      queue_.push_back(change);
    }
    wake_.notify_one();
    co_await change->done.wait();
    if (!change->failure.empty()) throw Error(ErrorKind::internal, change->failure);
  }

 private:
  using Batch = std::vector<std::shared_ptr<Change>>;

  static const std::string& make_folder(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    ::chmod(folder.c_str(), 0700);
    return folder;
  }

  // Before the thread has the connection for itself.
  void read_everything() {
    const char* sql = "SELECT kind, key, document FROM documents ORDER BY kind, key";
    const sqlite::Statement statement = prepare(database_.get(), sql);
    int result = SQLITE_OK;
    while ((result = sqlite3_step(statement.get())) == SQLITE_ROW) {
      loaded_[column(statement.get(), 0)].emplace_back(column(statement.get(), 1), column(statement.get(), 2));
    }
    if (result != SQLITE_DONE) fail(database_.get(), sql);
  }

  void run() {
    for (;;) {
      Batch batch;
      {
        std::unique_lock guard(mutex_);
        wake_.wait_for(guard, kCheckpointInterval, [&] { return stopping_ || !queue_.empty(); });
        batch.swap(queue_);
        if (batch.empty() && stopping_) return;
      }
      if (batch.empty()) {
        checkpoint();
      } else {
        commit(batch);
      }
    }
  }

  void commit(const Batch& batch) {
    std::string failure;
    try {
      const bool full = std::any_of(batch.begin(), batch.end(),
                                    [](const auto& change) { return change->durability == Durability::full; });
      execute(database_.get(), full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
      execute(database_.get(), "BEGIN IMMEDIATE");
      for (const auto& change : batch) write(*change);
      crash_point("before commit of", batch.front()->table);
      execute(database_.get(), "COMMIT");
      crash_point("after commit of", batch.front()->table);
    } catch (const Error& error) {
      failure = fmt::format("cannot write the state: {}", error.what());
      log.error("commit failed", {{"error", error.what()}});
      sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    asio::post(loop_, [batch, failure] {
      for (const auto& change : batch) {
        change->failure = failure;
        change->done.set();
      }
    });
  }

  void write(const Change& change) {
    sqlite3_stmt* statement = change.document ? put_.get() : erase_.get();
    sqlite3_reset(statement);
    bind_text(statement, 1, change.table);
    bind_text(statement, 2, change.key);
    if (change.document) bind_text(statement, 3, *change.document);
    if (sqlite3_step(statement) != SQLITE_DONE) fail(database_.get(), "write " + change.table);
    sqlite3_reset(statement);
  }

  void checkpoint() {
    sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  }

  static constexpr auto kCheckpointInterval = std::chrono::seconds(5);

  FolderLock lock_;
  sqlite::Database database_;
  Executor loop_;
  std::map<std::string, Rows> loaded_;
  sqlite::Statement put_;
  sqlite::Statement erase_;
  std::mutex mutex_;
  std::condition_variable wake_;
  Batch queue_;
  bool stopping_ = false;
  std::thread thread_;
};

SqliteStore::SqliteStore(std::string folder, Executor loop)
    : writer_(std::make_unique<Writer>(std::move(folder), std::move(loop))) {}

SqliteStore::~SqliteStore() = default;

Store::Rows SqliteStore::load(std::string_view table) { return writer_->load(table); }

Awaitable<void> SqliteStore::put(std::string table, std::string key, std::string document, Durability durability) {
  auto change = std::make_shared<Writer::Change>();
  change->table = std::move(table);
  change->key = std::move(key);
  change->document = std::move(document);
  change->durability = durability;
  co_await writer_->apply(std::move(change));
}

Awaitable<void> SqliteStore::erase(std::string table, std::string key) {
  auto change = std::make_shared<Writer::Change>();
  change->table = std::move(table);
  change->key = std::move(key);
  co_await writer_->apply(std::move(change));
}

}  // namespace sockerless::core
