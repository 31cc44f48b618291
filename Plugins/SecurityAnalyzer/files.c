/* Opens and reads files beneath a root that may hold anything: links, pipes, huge files. */
#include "scan.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { COMPONENT_BYTES_MAX = 255, DEPTH_MAX = 64 }; /* NAME_MAX of Linux; folders of one path */

/* openat(2), tried again where a signal came in between. */
static int open_one(int folder, const char *name, int flags) {
  int opened;
  do {
    opened = openat(folder, name, flags | O_CLOEXEC | O_NOFOLLOW);
  } while (opened < 0 && errno == EINTR);
  return opened;
}

/* Component by component with O_NOFOLLOW, so that no link leads out or round in circles.
   O_NONBLOCK: opening a named pipe must not wait for its writer (open(2)). */
int open_beneath(int root, span path) {
  char name[COMPONENT_BYTES_MAX + 1];
  int folder = root;
  for (int depth = 0; depth < DEPTH_MAX; depth++) {
    const char *slash = memchr(path.data, '/', path.length);
    size_t length = slash ? (size_t)(slash - path.data) : path.length;
    int sound = length > 0 && length <= COMPONENT_BYTES_MAX;
    if (sound) {
      memcpy(name, path.data, length);
      name[length] = '\0';
      sound = strcmp(name, "..") != 0 && strcmp(name, ".") != 0 && strlen(name) == length;
    }
    int flags = slash ? O_PATH | O_DIRECTORY : O_RDONLY | O_NONBLOCK;
    int next = sound ? open_one(folder, name, flags) : -1;
    if (folder != root) close(folder);
    if (next < 0 || !slash) return next;
    folder = next;
    path.data += length + 1;
    path.length -= length + 1;
  }
  if (folder != root) close(folder);
  return -1;
}

/* One byte more than the limit is asked for: a file may have grown since it was looked at. */
int64_t read_whole(int file, char *buffer) {
  size_t length = 0;
  for (;;) {
    ssize_t count = read(file, buffer + length, FILE_BYTES_MAX + 1 - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) return (int64_t)length;
    length += (size_t)count;
    if (length > FILE_BYTES_MAX) return -1;
  }
}
