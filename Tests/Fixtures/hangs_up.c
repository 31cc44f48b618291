// Closes the worker's connection to the daemon, and goes on.
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"

ANALYZE(analyze) {
  (void)instance, (void)view, (void)sink;
  shutdown(3, SHUT_RDWR);
  for (;;) pause();
}

ANALYZER("hangs-up", "error_pattern", analyze)
