// An analyzer that knows only interfaces that nobody asks for.
#include "fixture.h"

ANALYZE(analyze) {
  (void)instance, (void)view, (void)sink;
  return KZ_OK;
}

FIXTURE(KZ_KIND_ANALYZER, kz_analyzer, analyze, "vendor.other/7", "no-interface", "error_pattern",
        analyze)
