// Never ends unless asked to; says that it began.
#include "fixture.h"

ANALYZE(analyze) {
  (void)instance, (void)view, (void)sink;
  host->progress(host, 0);
  while (!host->should_stop(host)) {
  }
  return KZ_STOPPED;
}

ANALYZER("loop-polite", "error_pattern", analyze)
