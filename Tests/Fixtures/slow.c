// Takes 200 ms without asking whether it should stop, and then answers.
#include <time.h>

#include "fixture.h"

ANALYZE(analyze) {
  (void)instance, (void)view;
  host->progress(host, 0);
  struct timespec left = {0, 200 * 1000 * 1000};
  while (nanosleep(&left, &left) != 0) {
  }
  kz_opportunity found = sound_opportunity();
  sink->opportunity(sink, &found); // KZ_STOPPED where it was cancelled; it does not care
  return KZ_OK;
}

ANALYZER("slow", "error_pattern", analyze)
