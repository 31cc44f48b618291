// Memory and process limits by cgroups, v1 or v2. The daemon found out where a child group may be
// made; each sandbox gets one of its own, which the supervisor removes when all in it are dead.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "confine.h"

// cgroup v1 has one hierarchy per controller, v2 one for all.
struct group {
  int directory;   // of the group; -1: none
  int parent;      // of its parent, for the removal
  int procs;       // cgroup.procs, for the command to join
};

static struct group memory = {-1, -1, -1}, pids = {-1, -1, -1};
static int version;
static char name[64];

static bool write_value(const struct group *group, const char *file, uint64_t value) {
  char text[24];
  int length = snprintf(text, sizeof text, "%llu", (unsigned long long)value);
  int fd = openat(group->directory, file, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool written = write(fd, text, (size_t)length) == length;
  close(fd);
  return written;
}

static bool make(struct group *group, const char *parent) {
  group->parent = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (group->parent < 0 || mkdirat(group->parent, name, 0755) != 0) return false;
  group->directory = openat(group->parent, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (group->directory < 0) return false;
  group->procs = openat(group->directory, "cgroup.procs", O_WRONLY | O_CLOEXEC);
  return group->procs >= 0;
}

// Best effort: a group the kernel still calls busy gets a few tries, 1 ms apart; what stays is
// empty, and the daemon sweeps such groups when it starts.
static void remove_group(struct group *group) {
  if (group->directory < 0) return;
  close(group->procs);
  close(group->directory);
  group->directory = -1;
  struct timespec pause = {.tv_nsec = 1000000};
  for (int tries = 0; tries < 50; tries++) {
    if (unlinkat(group->parent, name, AT_REMOVEDIR) == 0 || errno != EBUSY) return;
    nanosleep(&pause, NULL);
  }
}

void cgroup_remove(void) {
  remove_group(&memory);
  remove_group(&pids);
}

static bool limit_v1(const struct request *request) {
  if (!make(&memory, request->cgroup_memory) || !make(&pids, request->cgroup_pids)) return false;
  if (request->memory_bytes) {
    if (!write_value(&memory, "memory.limit_in_bytes", request->memory_bytes)) return false;
    // With swap: only where the kernel accounts for it.
    if (!write_value(&memory, "memory.memsw.limit_in_bytes", request->memory_bytes) &&
        errno != ENOENT)
      return false;
  }
  return !request->processes || write_value(&pids, "pids.max", request->processes);
}

static bool limit_v2(const struct request *request) {
  if (!make(&memory, request->cgroup_memory)) return false;
  if (request->memory_bytes) {
    if (!write_value(&memory, "memory.max", request->memory_bytes)) return false;
    write_value(&memory, "memory.swap.max", 0);  // absent without swap
    if (!write_value(&memory, "memory.oom.group", 1)) return false;
  }
  return !request->processes || write_value(&memory, "pids.max", request->processes);
}

void cgroup_create(struct request *request) {
  if (request->cgroup_version == 0) return;
  version = request->cgroup_version;
  snprintf(name, sizeof name, "kaizen-%d-%d", request->parent, getpid());
  if (version == 1 ? limit_v1(request) : limit_v2(request)) return;
  char reason[128];
  snprintf(reason, sizeof reason, "cgroup v%d: %s", version, strerrordesc_np(errno));
  cgroup_remove();
  request->cgroup_version = 0;
  report_note("limits", "rlimit", reason);
}

// By the command, while it still may: cgroups(7) moves the writer of "0".
void cgroup_join(void) {
  const struct group *groups[] = {&memory, &pids};
  for (int i = 0; i < 2; i++)
    if (groups[i]->directory >= 0 && write(groups[i]->procs, "0", 1) != 1)
      die("write", "cgroup.procs", "let the daemon write to its cgroup (Delegate=yes)");
}

static uint64_t read_number(const char *file, const char *after) {
  char text[512];
  int fd = openat(memory.directory, file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = '\0';
  const char *number = after ? strstr(text, after) : text;
  return number ? strtoull(number + (after ? strlen(after) : 0), NULL, 10) : 0;
}

void cgroup_finish(void) {
  if (memory.directory >= 0) {
    uint64_t peak = read_number(version == 1 ? "memory.max_usage_in_bytes" : "memory.peak", NULL);
    uint64_t kills =
        read_number(version == 1 ? "memory.oom_control" : "memory.events", "oom_kill ");
    char bytes[24], count[24];
    snprintf(bytes, sizeof bytes, "%llu", (unsigned long long)peak);
    snprintf(count, sizeof count, "%llu", (unsigned long long)kills);
    report((const char *[]){"memory", bytes, count}, 3);
  }
  cgroup_remove();
}
