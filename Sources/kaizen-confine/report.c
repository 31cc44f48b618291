// What the daemon is told: records of NUL-terminated fields, one datagram each.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"

int channel = -1;
int failure_signal = -1;
void (*on_failure)(void) = NULL;

void report(const char *const *fields, size_t count) {
  char record[RECORD_BYTES_MAX];
  size_t used = 0;
  for (size_t i = 0; i < count; i++) {
    // A field too long is cut, never the record: paths are bounded by PATH_MAX anyway.
    size_t length = strnlen(fields[i], sizeof record - used - (count - i));
    memcpy(record + used, fields[i], length);
    used += length;
    record[used++] = '\0';
  }
  while (send(channel, record, used, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

// A command's end: how, with what code, and what it used, in kilobytes and microseconds.
static void report_end(const char *how, int code, const struct rusage *usage) {
  char number[16], kilobytes[24], microseconds[24];
  snprintf(number, sizeof number, "%d", code);
  snprintf(kilobytes, sizeof kilobytes, "%ld", usage->ru_maxrss);
  const struct timeval *user = &usage->ru_utime, *system = &usage->ru_stime;
  snprintf(microseconds, sizeof microseconds, "%lld",
           (long long)(user->tv_sec + system->tv_sec) * 1000000 + user->tv_usec + system->tv_usec);
  report((const char *[]){"end", how, number, kilobytes, microseconds}, 5);
}

void report_killed(const char *why, const struct rusage *usage) { report_end(why, SIGKILL, usage); }

void report_exit(int status, const struct rusage *usage) {
  if (WIFEXITED(status)) report_end("exited", WEXITSTATUS(status), usage);
  else report_end("signaled", WTERMSIG(status), usage);
}

void report_note(const char *feature, const char *state, const char *reason) {
  report((const char *[]){"note", feature, state, reason}, 4);
}

void die_code(const char *call, int code, const char *what, const char *fix) {
  char number[16];
  snprintf(number, sizeof number, "%d", code);
  report((const char *[]){"fail", call, number, what, fix}, 5);
  if (failure_signal >= 0) {
    ssize_t ignored = write(failure_signal, "x", 1);  // init may be gone: nothing left to tell
    (void)ignored;
  }
  if (on_failure) on_failure();
  _exit(SETUP_FAILED);
}

void die(const char *call, const char *what, const char *fix) {
  die_code(call, errno, what, fix);
}
