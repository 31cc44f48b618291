// Process 1 of the sandbox: builds what the command sees, starts it, reaps, and ends with it. Its
// own end makes the kernel kill whatever else lives in the pid namespace: pid_namespaces(7).
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"

// After the last change of uid, which would clear it: PR_SET_PDEATHSIG(2const). A supervisor that
// was gone before is seen by its pidfd.
static void die_with_supervisor(int supervisor_pidfd) {
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  struct pollfd polled = {.fd = supervisor_pidfd, .events = POLLIN};
  if (poll(&polled, 1, 0) > 0) _exit(SETUP_FAILED);
}

static void report_end(int status) {
  struct rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);  // the largest, and the time, of all that was reaped here
  report_exit(status, &usage);
}

_Noreturn static void reap_until(pid_t command) {
  for (;;) {
    int status;
    pid_t pid = waitpid(-1, &status, 0);
    if (pid == command) {
      report_end(status);
      _exit(0);
    }
    if (pid < 0 && errno != EINTR) _exit(SETUP_FAILED);
  }
}

void init_run(struct request *request, bool root, int supervisor_pidfd) {
  // At once, for the time until the uid changes; the supervisor may be killed at any moment.
  die_with_supervisor(supervisor_pidfd);
  root_build(request, !root);
  network_up();
  int started[2];
  if (pipe2(started, O_CLOEXEC) != 0) die("pipe2", "", "raise the limit of open files");
  pid_t pid = fork();
  if (pid < 0) die("fork", "the command", "raise the limit of processes");
  if (pid == 0) {
    failure_signal = started[1];
    command_run(request, root, true);
  }
  close(started[1]);
  for (int fd = 0; fd < 3; fd++) close(fd);
  for (size_t i = 0; i < request->kept_count; i++) close(request->kept_fds[i]);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // the command has the same uid: keep its hands off
  privileges_drop(request, root);
  die_with_supervisor(supervisor_pidfd);
  char failed;
  // End of file: the other end was closed by a successful exec.
  if (read(started[0], &failed, 1) != 0) {
    waitpid(pid, NULL, 0);
    _exit(SETUP_FAILED);
  }
  report((const char *[]){"running"}, 1);
  reap_until(pid);
}
