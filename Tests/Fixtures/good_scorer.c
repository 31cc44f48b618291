// Behaves: one finding a file, and a score.
#include "fixture.h"

SCORE(score) {
  (void)instance;
  for (uint32_t i = 0; i < tree->file_count; i++) {
    kz_finding finding = {.size = sizeof finding,
                          .level = KZ_LEVEL_WARNING,
                          .rule = kz_text_of("exists"),
                          .file = tree->files[i],
                          .line = i + 1,
                          .message = kz_text_of("it is there")};
    if (sink->finding(sink, &finding) != KZ_OK) return KZ_FAILED;
  }
  return sink->score(sink, kz_text_of("maintainability"), 0.75);
}

SCORER("good-scorer", "maintainability", score)
