// Identity and capabilities. The kernel uid is never 0 where a command runs: with every capability
// gone, uid 0 still owns /proc/sys and is not held by RLIMIT_NPROC.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine.h"

static const char userns_fix[] = "allow unprivileged user namespaces to kaizen-confine";

static void write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) die("open", path, userns_fix);
  if (write(fd, text, strlen(text)) < 0) die("write", path, userns_fix);
  close(fd);
}

// In a user namespace just made: the own ids, and nobody else, under the same numbers.
void privileges_map_user(uid_t uid, gid_t gid) {
  char line[64];
  write_file("/proc/self/setgroups", "deny");  // user_namespaces(7): before gid_map
  snprintf(line, sizeof line, "%u %u 1", uid, uid);
  write_file("/proc/self/uid_map", line);
  snprintf(line, sizeof line, "%u %u 1", gid, gid);
  write_file("/proc/self/gid_map", line);
}

static void change_ids(uid_t uid, gid_t gid) {
  const char fix[] = "run the daemon with CAP_SETUID and CAP_SETGID, or not as root";
  if (setgroups(0, NULL) != 0) die("setgroups", "none", fix);
  if (setresgid(gid, gid, gid) != 0) die("setresgid", "the sandbox's group", fix);
  if (setresuid(uid, uid, uid) != 0) die("setresuid", "the sandbox's user", fix);
}

// The bounding set ends where the kernel says EINVAL. Who lacks CAP_SETPCAP gets EPERM, and has
// nothing that the set could bound.
static void drop_bounding_set(void) {
  for (unsigned long capability = 0; capability < 64; capability++)
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return;
}

static void drop_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[2] = {{0}};
  if (syscall(SYS_capset, &header, none) != 0) die("capset", "no capabilities", "");
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

void privileges_drop(const struct request *request, bool root) {
  drop_bounding_set();
  if (root) change_ids(request->uid, request->gid);
  drop_capabilities();
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    die("prctl", "NO_NEW_PRIVS", "Linux 3.5 or later is needed");
}
