// ID mappings for mounts: files of a tree's owner appear, and are made, as the sandbox's user,
// while on disk they stay the owner's. See mount_setattr(2), MOUNT_ATTR_IDMAP.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"

// One namespace for each pair of owners; trees of one agent share one.
struct mapping {
  uid_t uid;
  gid_t gid;
  int userns;
};

static struct mapping mappings[MOUNTS_MAX];
static size_t mapping_count;

static void add_extent(char *text, size_t size, uint32_t inside, uint32_t outside,
                       uint32_t count) {
  size_t used = strlen(text);
  if (count > 0) snprintf(text + used, size - used, "%u %u %u\n", inside, outside, count);
}

// `from` on disk is `to` in the sandbox; everyone else stays who they are, so that nobody else's
// file becomes the sandbox's. Files of `to` on disk, normally none, belong to nobody.
static void write_map(pid_t holder, const char *file, uint32_t from, uint32_t to) {
  enum { LAST = 4294967294u };
  char path[64], text[256] = "";
  uint32_t low = from < to ? from : to, high = from < to ? to : from;
  add_extent(text, sizeof text, from, to, 1);
  add_extent(text, sizeof text, 0, 0, low);
  if (high > low) add_extent(text, sizeof text, low + 1, low + 1, high - low - 1);
  add_extent(text, sizeof text, high + 1, high + 1, LAST - high);
  snprintf(path, sizeof path, "/proc/%d/%s", holder, file);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  // user_namespaces(7): the whole map is one write.
  if (fd < 0 || write(fd, text, strlen(text)) < 0)
    die("write", path, "run the daemon with CAP_SETUID, CAP_SETGID and CAP_SYS_ADMIN");
  close(fd);
}

static int make_namespace(uid_t uid, gid_t gid, const struct request *request) {
  // A user namespace needs a process only until it is open.
  pid_t holder = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (holder < 0)
    die("clone", "a user namespace for ID-mapped mounts", "raise user.max_user_namespaces");
  if (holder == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    for (;;) pause();
  }
  write_map(holder, "uid_map", uid, request->uid);
  write_map(holder, "gid_map", gid, request->gid);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/user", holder);
  int userns = open(path, O_RDONLY | O_CLOEXEC);
  if (userns < 0) die("open", path, "mount /proc");
  kill(holder, SIGKILL);
  while (waitpid(holder, NULL, 0) < 0 && errno == EINTR) {
  }
  return userns;
}

static int namespace_for(uid_t uid, gid_t gid, const struct request *request) {
  for (size_t i = 0; i < mapping_count; i++)
    if (mappings[i].uid == uid && mappings[i].gid == gid) return mappings[i].userns;
  int userns = make_namespace(uid, gid, request);
  mappings[mapping_count++] = (struct mapping){uid, gid, userns};
  return userns;
}

void idmap_prepare(struct request *request) {
  for (size_t i = 0; i < request->place_count; i++) {
    struct place *place = &request->places[i];
    if (!place->as_owner || place->access == EMPTY) continue;
    struct stat status;
    if (stat(place->source, &status) != 0)
      die("stat", place->source, "name a tree that exists and that the daemon may read");
    place->userns = namespace_for(status.st_uid, status.st_gid, request);
  }
}
