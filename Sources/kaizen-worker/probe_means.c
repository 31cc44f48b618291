// What the process of a probe has, and the files it works on.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe.h"

enum { REPORT_FD = 5, LINE_BYTES = 512 }; // a write of at most PIPE_BUF is whole, pipe(7)
enum { KEPT_BYTES_MAX = 16 * 1024 * 1024 };

void probe_say(const char *format, ...) {
  char line[LINE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line - 1, format, arguments);
  va_end(arguments);
  if (length < 0) return;
  if (length > (int)sizeof line - 2) length = sizeof line - 2;
  line[length] = '\n';
  while (write(REPORT_FD, line, (size_t)length + 1) < 0 && errno == EINTR) {
  }
}

// ---- Means

// Entries of a folder of /proc, but for . and ..; the one opened to look counts in neither.
static uint64_t entries(const char *path) {
  DIR *folder = opendir(path);
  if (!folder) return 0;
  uint64_t count = 0;
  while (readdir(folder)) count++;
  closedir(folder);
  return count;
}

static uint64_t resident_bytes(void) {
  FILE *file = fopen("/proc/self/statm", "re");
  unsigned long size, resident = 0;
  if (file && fscanf(file, "%lu %lu", &size, &resident) != 2) resident = 0;
  if (file) fclose(file);
  return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

probe_means probe_measure(void) {
  struct mallinfo2 heap = mallinfo2(); // of all arenas, and what was mapped: mallinfo(3)
  return (probe_means){.heap_bytes = heap.uordblks + heap.hblkhd,
                       .resident_bytes = resident_bytes(),
                       .descriptors = entries("/proc/self/fd"),
                       .threads = entries("/proc/self/task")};
}

// ---- Files

typedef struct {
  char *path;
  void *bytes;
  size_t length;
} kept_file;

struct probe_files {
  uint32_t count;
  kept_file files[];
};

static char *join(kz_text root, kz_text name) {
  char *path = malloc(root.length + name.length + 2);
  if (!path) return NULL;
  memcpy(path, root.data, root.length);
  path[root.length] = '/';
  memcpy(path + root.length + 1, name.data, name.length);
  path[root.length + 1 + name.length] = '\0';
  return path;
}

static bool read_file(kept_file *file, size_t room) {
  int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
      (size_t)status.st_size > room) {
    if (fd >= 0) close(fd);
    return false;
  }
  file->bytes = malloc((size_t)status.st_size + 1);
  ssize_t count = file->bytes ? read(fd, file->bytes, (size_t)status.st_size) : -1;
  file->length = count > 0 ? (size_t)count : 0;
  close(fd);
  return count >= 0;
}

probe_files *probe_files_keep(kz_text root, const kz_text *files, uint32_t count) {
  probe_files *kept = calloc(1, sizeof *kept + count * sizeof(kept_file));
  size_t room = KEPT_BYTES_MAX;
  for (uint32_t i = 0; kept && i < count; i++) {
    kept_file file = {.path = join(root, files[i])};
    if (!file.path || !read_file(&file, room)) { // too much, or gone: it stays as it is
      free(file.path);
      continue;
    }
    room -= file.length;
    kept->files[kept->count++] = file;
  }
  return kept;
}

void probe_files_restore(const probe_files *files) {
  for (uint32_t i = 0; files && i < files->count; i++) {
    const kept_file *file = &files->files[i];
    int fd = open(file->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) continue;
    const char *at = file->bytes;
    for (size_t left = file->length; left > 0;) {
      ssize_t count = write(fd, at, left);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      at += count;
      left -= (size_t)count;
    }
    close(fd);
  }
}
