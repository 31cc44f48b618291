// Calls a function that no library has.
#include "fixture.h"

kz_status nobody_has_this_function(void);

ANALYZE(analyze) {
  (void)instance, (void)view, (void)sink;
  return nobody_has_this_function();
}

ANALYZER("missing-symbol", "error_pattern", analyze)
