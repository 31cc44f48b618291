// Never ends, and never asks whether it should; says that it began.
#include "fixture.h"

ANALYZE(analyze) {
  (void)instance, (void)view, (void)sink;
  host->progress(host, 0);
  for (volatile int forever = 1; forever;) {
  }
  return KZ_OK;
}

ANALYZER("loop-deaf", "error_pattern", analyze)
