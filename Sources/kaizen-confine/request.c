// The request: NUL-terminated strings in a file nobody else can write. Each record is a keyword
// and as many fields as the keyword has. Every bound is checked, every unknown word refused.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "confine.h"

static const char our_fix[] = "daemon and kaizen-confine differ in version: install both anew";

struct reader {
  char *next, *end;
};

static _Noreturn void refuse(const char *what) { die_code("request", EINVAL, what, our_fix); }

static char *take(struct reader *reader) {
  if (reader->next >= reader->end) refuse("a record that is cut short");
  char *field = reader->next;
  reader->next += strlen(field) + 1;  // the file's last byte is NUL: request_load
  return field;
}

static uint64_t take_number(struct reader *reader) {
  const char *text = take(reader);
  size_t length = strlen(text);
  if (length == 0 || length > 18 || strspn(text, "0123456789") != length) refuse(text);
  return strtoull(text, NULL, 10);
}

static const char *take_path(struct reader *reader) {
  const char *path = take(reader);
  if (path[0] != '/' || strlen(path) >= 4096) refuse(path);
  return path;
}

static void take_place(struct reader *reader, struct request *request) {
  static const char *const names[] = {"read-only", "writable", "throwaway", "empty"};
  if (request->place_count == MOUNTS_MAX) refuse("more than 128 trees and read paths");
  struct place *place = &request->places[request->place_count++];
  const char *access = take(reader);
  size_t kind = 0;
  while (kind < 4 && strcmp(access, names[kind]) != 0) kind++;
  if (kind == 4) refuse(access);
  place->access = (enum access)kind;
  place->as_owner = take_number(reader) != 0;
  place->source = place->access == EMPTY ? take(reader) : take_path(reader);
  place->at = take_path(reader);
  place->userns = place->tree = -1;
}

static void take_kept(struct reader *reader, struct request *request) {
  uint64_t fd = take_number(reader);
  if (request->kept_count == KEPT_FDS_MAX || fd < 3 || fd > 255) refuse("kept descriptors");
  request->kept_fds[request->kept_count++] = (int)fd;
}

static void take_word(struct reader *reader, struct request *request) {
  if (request->word_count == WORDS_MAX) refuse("more than 4096 words in the command");
  request->words[request->word_count++] = take(reader);
}

static void take_variable(struct reader *reader, struct request *request) {
  if (request->environment_count == ENVIRONMENT_MAX) refuse("more than 512 variables");
  request->environment[request->environment_count++] = take(reader);
}

static void take_cgroup(struct reader *reader, struct request *request) {
  uint64_t version = take_number(reader);
  if (version != 1 && version != 2) refuse("cgroup version");
  request->cgroup_version = (int)version;
  request->cgroup_memory = take_path(reader);
  request->cgroup_pids = version == 1 ? take_path(reader) : request->cgroup_memory;
}

// Where the number of a keyword that has nothing else goes.
static uint64_t *number_of(const char *key, struct request *request) {
  if (strcmp(key, "timeout-ms") == 0) return &request->timeout_ms;
  if (strcmp(key, "memory-bytes") == 0) return &request->memory_bytes;
  if (strcmp(key, "processes") == 0) return &request->processes;
  if (strcmp(key, "file-bytes") == 0) return &request->file_bytes;
  if (strcmp(key, "open-files") == 0) return &request->open_files;
  if (strcmp(key, "cpu-seconds") == 0) return &request->cpu_seconds;
  if (strcmp(key, "scratch-bytes") == 0) return &request->scratch_bytes;
  return NULL;
}

static void take_record(struct reader *reader, struct request *request) {
  const char *key = take(reader);
  uint64_t *number = number_of(key, request);
  if (number) {
    *number = take_number(reader);
  } else if (strcmp(key, "level") == 0) {
    request->level = take(reader)[0];
  } else if (strcmp(key, "parent") == 0) {
    request->parent = (pid_t)take_number(reader);
  } else if (strcmp(key, "ids") == 0) {
    request->uid = (uid_t)take_number(reader);
    request->gid = (gid_t)take_number(reader);
  } else if (strcmp(key, "cgroup") == 0) {
    take_cgroup(reader, request);
  } else if (strcmp(key, "place") == 0) {
    take_place(reader, request);
  } else if (strcmp(key, "keep") == 0) {
    take_kept(reader, request);
  } else if (strcmp(key, "directory") == 0) {
    request->directory = take_path(reader);
  } else if (strcmp(key, "variable") == 0) {
    take_variable(reader, request);
  } else if (strcmp(key, "word") == 0) {
    take_word(reader, request);
  } else {
    refuse(key);
  }
}

// The whole file, as one buffer that ends in NUL and lives as long as the process.
static struct reader request_load(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0) die("fstat", "the request", our_fix);
  if (status.st_size < 1 || status.st_size > REQUEST_BYTES_MAX) refuse("over 1 MiB, or empty");
  size_t size = (size_t)status.st_size, have = 0;
  char *bytes = malloc(size);
  if (!bytes) die("malloc", "the request", "free memory");
  while (have < size) {
    ssize_t count = pread(fd, bytes + have, size - have, (off_t)have);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) die("pread", "the request", our_fix);
    have += (size_t)count;
  }
  if (bytes[size - 1] != '\0') refuse("no NUL at the end");
  return (struct reader){bytes, bytes + size};
}

void request_read(int fd, struct request *request) {
  struct reader reader = request_load(fd);
  if (strcmp(take(&reader), "kaizen-confine 1") != 0) refuse("another version");
  while (reader.next < reader.end) take_record(&reader, request);
  if (!request->level || !strchr("ABC", request->level)) refuse("no level");
  if (request->word_count == 0) refuse("no command");
  if (request->uid == 0 || request->gid == 0) refuse("uid or gid 0");
  if (!request->directory) request->directory = "/";
}
