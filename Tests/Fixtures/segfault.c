// Writes to nowhere.
#include "fixture.h"

ANALYZE(analyze) {
  (void)instance, (void)view, (void)sink;
  *(volatile int *)8 = 1;
  return KZ_OK;
}

ANALYZER("segfault", "error_pattern", analyze)
