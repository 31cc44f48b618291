// Dies on the agents that its config names between quotes; says its version in its title.
#include <stdio.h>
#include <string.h>

#ifndef FIXTURE_VERSION
#define FIXTURE_VERSION "1.3.0"
#endif
#include "fixture.h"

ANALYZE(analyze) {
  (void)instance;
  char name[160];
  snprintf(name, sizeof name, "\"%.*s\"", (int)view->agent.length, view->agent.data);
  if (strstr(fixture_config, name)) *(volatile int *)8 = 1;
  kz_opportunity found = sound_opportunity();
  found.title = kz_text_of("found by " FIXTURE_VERSION);
  return sink->opportunity(sink, &found);
}

ANALYZER("fragile", "error_pattern", analyze)
