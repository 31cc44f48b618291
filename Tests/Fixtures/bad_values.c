// Emits the opportunity that the agent's id names, each with one thing wrong; some are sound.
#include <math.h>
#include <stdlib.h>

#include "fixture.h"

static kz_opportunity spoiled(kz_text how) {
  kz_opportunity found = sound_opportunity();
  if (kz_text_is(how, "null-title")) found.title.data = NULL;
  if (kz_text_is(how, "empty-title")) found.title.length = 0;
  if (kz_text_is(how, "long-title")) found.title.length = 1 << 30;
  if (kz_text_is(how, "control-title")) found.title = kz_text_of("a\x1B[2Jb");
  if (kz_text_is(how, "other-type")) found.type = kz_text_of("code_smell");
  if (kz_text_is(how, "infinite-strength")) found.strength = INFINITY;
  if (kz_text_is(how, "negative-strength")) found.strength = -0.1;
  if (kz_text_is(how, "severity")) found.severity = 5;
  if (kz_text_is(how, "null-evidence")) found.evidence_json.data = NULL;
  if (kz_text_is(how, "small-size")) found.size = 8;
  return found;
}

ANALYZE(analyze) {
  (void)instance;
  if (kz_text_is(view->agent, "null-pointer")) return sink->opportunity(sink, NULL);
  if (kz_text_is(view->agent, "odd-status")) return 77;
  if (kz_text_is(view->agent, "no-reason")) return KZ_FAILED;
  if (kz_text_is(view->agent, "reason")) {
    host->fail(host, kz_text_of("the moon is in the wrong phase \xFF"));
    return KZ_FAILED;
  }
  if (kz_text_is(view->agent, "stopped-unasked")) return KZ_STOPPED;
  uint32_t times = kz_text_is(view->agent, "flood") ? KZ_OPPORTUNITIES_MAX + 1 : 1;
  kz_opportunity found = spoiled(view->agent);
  for (uint32_t i = 0; i < times; i++) sink->opportunity(sink, &found);
  return KZ_OK;
}

ANALYZER("bad-values", "error_pattern", analyze)
