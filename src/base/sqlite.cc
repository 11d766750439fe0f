#include "base/sqlite.h"

#include <fmt/format.h>

#include "base/error.h"

namespace sockerless::sqlite {

void fail(sqlite3* database, std::string_view doing) {
  throw Error(ErrorKind::internal, fmt::format("{}: {}", doing, sqlite3_errmsg(database)));
}

Database open(const std::string& path) {
  sqlite3* raw = nullptr;
  const int result =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(raw);
  if (result != SQLITE_OK) fail(raw, "open");
  return database;
}

void execute(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(database, sql);
}

Statement prepare(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) != SQLITE_OK) fail(database, sql);
  return Statement(statement);
}

int read_number(sqlite3* database, const char* sql) {
  const Statement statement = prepare(database, sql);
  if (sqlite3_step(statement.get()) != SQLITE_ROW) fail(database, sql);
  return sqlite3_column_int(statement.get(), 0);
}

void check_integrity(sqlite3* database) {
  const char* sql = "PRAGMA quick_check(1)";
  const Statement statement = prepare(database, sql);
  if (sqlite3_step(statement.get()) != SQLITE_ROW) fail(database, sql);
  if (const std::string verdict = column(statement.get(), 0); verdict != "ok") {
    throw Error(ErrorKind::internal, fmt::format("the database is damaged ({})", verdict));
  }
}

void bind_text(sqlite3_stmt* statement, int at, std::string_view text) {
  sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

std::string column(sqlite3_stmt* statement, int at) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, at));
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement, at))};
}

}  // namespace sockerless::sqlite
