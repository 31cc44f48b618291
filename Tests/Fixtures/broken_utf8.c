// A title that is not UTF-8.
#include "fixture.h"

ANALYZE(analyze) {
  (void)instance, (void)view;
  kz_opportunity found = sound_opportunity();
  found.title = kz_text_of("caf\xE9");
  sink->opportunity(sink, &found);
  return KZ_OK;
}

ANALYZER("broken-utf8", "error_pattern", analyze)
