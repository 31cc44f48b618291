// Fails an assertion.
#include <stdlib.h>

#include "fixture.h"

ANALYZE(analyze) {
  (void)instance, (void)view, (void)sink;
  abort();
}

ANALYZER("aborts", "error_pattern", analyze)
