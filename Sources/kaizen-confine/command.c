// The command: takes from itself, in an order where nothing given up is needed later, and executes.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "confine.h"

// Pipes of the daemon belong to root, and a script's `> /dev/stderr` opens them anew by name.
static void own_pipes(const struct request *request) {
  for (int fd = 0; fd < 3; fd++) {
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) &&
        fchown(fd, request->uid, request->gid) != 0)
      die("fchown", "the command's pipes", "run the daemon with CAP_CHOWN");
  }
}

// Every descriptor goes at exec, but the standard three and those asked for.
static void keep_fds(const struct request *request) {
  if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
    die("close_range", "all descriptors", "Linux 5.11 or later is needed");
  for (size_t i = 0; i < request->kept_count; i++)
    if (fcntl(request->kept_fds[i], F_SETFD, 0) != 0) die("fcntl", "a kept descriptor", "");
}

static void reset_signals(void) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void execute(struct request *request) {
  environ = request->environment;  // execvp searches the PATH of environ
  struct timespec pause = {.tv_nsec = 1000000};
  // ETXTBSY: somebody has the file open for writing still, which a daemon that just wrote it has
  // in each child that it is about to start: golang.org/issue/22315.
  for (int tries = 0; tries < 50; tries++) {
    execvp(request->words[0], request->words);
    if (errno != ETXTBSY) break;
    nanosleep(&pause, NULL);
  }
  if (errno == ENOENT || errno == EACCES || errno == ENOTDIR || errno == ENOEXEC)
    die("execve", request->words[0],
        "install the program or the interpreter its first line names, or make its folder readable "
        "(needs.read) and searched (needs.path)");
  die("execve", request->words[0], "");
}

void command_run(struct request *request, bool root, bool namespaces) {
  setsid();
  if (!namespaces && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) die("prctl", "PDEATHSIG", "");
  cgroup_join();
  limits_apply(request);
  if (root) own_pipes(request);
  umask(022);
  if (request->level != 'C') {
    privileges_drop(request, root);
    if (!namespaces) prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);  // cleared by the change of uid
    landlock_apply(request);
  }
  if (chdir(request->directory) != 0)
    die("chdir", request->directory, "name a working directory inside one of the trees");
  keep_fds(request);
  reset_signals();
  if (request->level != 'C') seccomp_apply(request);
  execute(request);
}
