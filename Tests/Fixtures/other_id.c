// Calls itself otherwise than its manifest does.
#include "fixture.h"

ANALYZE(analyze) {
  (void)instance, (void)view, (void)sink;
  return KZ_OK;
}

ANALYZER("somebody-else", "error_pattern", analyze)
