#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

// What is needed of SQLite's interface, with errors as exceptions and handles that close themselves.
namespace sockerless::sqlite {

struct Closer {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Closer>;
using Statement = std::unique_ptr<sqlite3_stmt, Closer>;

// Throws Error(internal) with the last error of the connection.
[[noreturn]] void fail(sqlite3* database, std::string_view doing);

// All throw Error(internal).
Database open(const std::string& path);  // makes the file; for one thread at a time
void execute(sqlite3* database, const char* sql);
Statement prepare(sqlite3* database, const char* sql);
int read_number(sqlite3* database, const char* sql);
// Refuses a damaged database.
void check_integrity(sqlite3* database);

// `text` must live until the statement has been stepped.
void bind_text(sqlite3_stmt* statement, int at, std::string_view text);
std::string column(sqlite3_stmt* statement, int at);

}  // namespace sockerless::sqlite
