// The supervisor: the only process that stays outside. It never touches what the command wrote.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "confine.h"

static uint64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int pidfd_of(pid_t pid) {
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);  // pidfd_open(2): CLOEXEC by itself
  if (fd < 0) die("pidfd_open", "a process of the sandbox", "Linux 5.3 or later is needed");
  return fd;
}

// Lets go of everything that is the command's, so that its pipes and sockets close with it.
static void release_command_fds(const struct request *request) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; null >= 0 && fd < 3; fd++) dup2(null, fd);
  for (size_t i = 0; i < request->kept_count; i++) close(request->kept_fds[i]);
  if (null > 2) close(null);
}

// Why the wait for the child is over.
enum why { ENDED, TIME_UP, STOPPED };

static enum why wait_for(int pidfd, uint64_t timeout_ms) {
  uint64_t end = now_ms() + timeout_ms;
  struct pollfd polled[] = {{.fd = pidfd, .events = POLLIN}, {.fd = channel, .events = POLLIN}};
  for (;;) {
    int wait = -1;
    if (timeout_ms > 0) {
      uint64_t now = now_ms();
      if (now >= end) return TIME_UP;
      wait = end - now > 1000000 ? 1000000 : (int)(end - now);
    }
    int count = poll(polled, 2, wait);
    if (count < 0 && errno != EINTR) return STOPPED;
    if (count <= 0) continue;
    if (polled[0].revents) return ENDED;
    // Whatever comes from the daemon means stop, and so does its end.
    if (polled[1].revents) return STOPPED;
  }
}

static void reap(pid_t pid, int *status, struct rusage *usage) {
  while (wait4(pid, status, 0, usage) < 0 && errno == EINTR) {
  }
}

// Without a pid namespace orphans come to the supervisor, a child subreaper: it kills what it has
// until it has nothing. Whoever forks meanwhile only makes the loop longer, NPROC bounds it.
static void kill_orphans(void) {
  for (;;) {
    FILE *children = fopen("/proc/thread-self/children", "re");
    if (!children) {
      report_note("orphans", "left", "the kernel has no /proc/PID/task/TID/children");
      return;
    }
    long pid;
    while (fscanf(children, "%ld", &pid) == 1) kill((pid_t)pid, SIGKILL);
    fclose(children);
    if (waitpid(-1, NULL, 0) < 0 && errno == ECHILD) return;
  }
}

static const char namespace_fix[] =
    "allow user namespaces to kaizen-confine (sysctl user.max_user_namespaces, "
    "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns; in a "
    "container: its seccomp profile), or set the minimum level to B";

// As fork(2), but the child is in namespaces of its own. Nothing else runs in this process.
static pid_t clone_init(bool root) {
  unsigned long flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
  if (!root) flags |= CLONE_NEWUSER;
  pid_t pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
  if (pid < 0)
    die("clone", root ? "mount, pid, net, ipc and uts namespaces" : "a user namespace",
        namespace_fix);
  return pid;
}

// Level A: the child is pid 1 of the sandbox and reports how the command ended.
static int supervise_namespaces(struct request *request, bool root) {
  if (root) idmap_prepare(request);
  uid_t uid = geteuid();
  gid_t gid = getegid();
  int own_pidfd = pidfd_of(getpid());
  pid_t pid = clone_init(root);
  if (pid == 0) {
    on_failure = NULL;
    if (!root) privileges_map_user(uid, gid);
    init_run(request, root, own_pidfd);
  }
  release_command_fds(request);
  int pidfd = pidfd_of(pid), status = 0;
  struct rusage usage;
  enum why why = wait_for(pidfd, request->timeout_ms);
  if (why != ENDED) kill(pid, SIGKILL);
  reap(pid, &status, &usage);  // returns when every process in there is gone: pid_namespaces(7)
  if (why != ENDED) report_killed(why == TIME_UP ? "timeout" : "stopped", &usage);
  else if (WIFSIGNALED(status)) report_killed("killed", &usage);
  cgroup_finish();
  return 0;
}

// Levels B and C: the child is the command itself.
static int supervise_plain(struct request *request, bool root) {
  int started[2];
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) die("prctl", "CHILD_SUBREAPER", "");
  if (pipe2(started, O_CLOEXEC) != 0) die("pipe2", "", "raise the limit of open files");
  pid_t pid = fork();
  if (pid < 0) die("fork", "the command", "raise the limit of processes");
  if (pid == 0) {
    on_failure = NULL;
    failure_signal = started[1];
    command_run(request, root, false);
  }
  close(started[1]);
  release_command_fds(request);
  char failed;
  if (read(started[0], &failed, 1) == 0) report((const char *[]){"running"}, 1);
  int status = 0;
  struct rusage usage;
  enum why why = wait_for(pidfd_of(pid), request->timeout_ms);
  if (why != ENDED) kill(pid, SIGKILL);
  reap(pid, &status, &usage);
  kill_orphans();
  if (why != ENDED) report_killed(why == TIME_UP ? "timeout" : "stopped", &usage);
  else report_exit(status, &usage);
  cgroup_finish();
  return 0;
}

int supervise(struct request *request) {
  bool root = geteuid() == 0;
  cgroup_create(request);
  on_failure = cgroup_remove;
  if (request->level == 'A') return supervise_namespaces(request, root);
  return supervise_plain(request, root);
}
