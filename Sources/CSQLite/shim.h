/* What of sqlite3.h Swift cannot see: variadic calls and a macro that casts. */
#ifndef C_SQLITE_SHIM_H
#define C_SQLITE_SHIM_H

#include <sqlite3.h>

/* https://sqlite.org/c3ref/db_config.html, for the options that are on or off. */
static inline int csqlite_configure(sqlite3 *database, int option, int on) {
  int now = 0;
  return sqlite3_db_config(database, option, on, &now);
}

/* https://sqlite.org/c3ref/bind_blob.html: SQLITE_TRANSIENT, SQLite makes its own copy. */
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const char *bytes,
                                    sqlite3_uint64 count) {
  return sqlite3_bind_text64(statement, index, bytes, count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static inline int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes,
                                    sqlite3_uint64 count) {
  return sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_TRANSIENT);
}

#endif
