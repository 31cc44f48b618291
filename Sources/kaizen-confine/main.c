// See confine.h for what the program is, supervisor.c for what it does first.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "confine.h"

static int fd_argument(const char *text) {
  char *end;
  long fd = strtol(text, &end, 10);
  if (*text == '\0' || *end != '\0' || fd < 3 || fd > 1023) return -1;
  return fcntl((int)fd, F_SETFD, FD_CLOEXEC) == 0 ? (int)fd : -1;
}

int main(int argc, char **argv) {
  static struct request request;
  int request_fd = argc == 3 ? fd_argument(argv[1]) : -1;
  channel = argc == 3 ? fd_argument(argv[2]) : -1;
  if (request_fd < 0 || channel < 0) {
    fprintf(stderr, "usage: kaizen-confine REQUEST_FD CHANNEL_FD (started by kaizend)\n");
    return 2;
  }
  request_read(request_fd, &request);
  close(request_fd);
  if (getppid() != request.parent) return SETUP_FAILED;  // the daemon died meanwhile
  return supervise(&request);
}
