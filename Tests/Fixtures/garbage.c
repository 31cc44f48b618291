// Writes to the worker's socket what no worker would say.
#include <string.h>
#include <sys/socket.h>

#include "fixture.h"

ANALYZE(analyze) {
  (void)instance, (void)view, (void)sink;
  char garbage[64];
  memset(garbage, 0xAB, sizeof garbage);
  send(3, garbage, sizeof garbage, 0);
  return KZ_OK;
}

ANALYZER("garbage", "error_pattern", analyze)
