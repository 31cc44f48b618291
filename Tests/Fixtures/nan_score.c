// Scores what is not a number, and does not care that it was refused.
#include <math.h>

#include "fixture.h"

SCORE(score) {
  (void)instance, (void)tree;
  sink->score(sink, kz_text_of("maintainability"), NAN);
  return KZ_OK;
}

SCORER("nan-score", "maintainability", score)
