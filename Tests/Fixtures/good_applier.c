// Behaves: appends a line to every file it may change, and notes what it read.
#include "fixture.h"

#include <stdio.h>

APPLY(apply) {
  (void)instance;
  for (uint32_t i = 0; i < item->file_count; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%.*s/%.*s", (int)item->root.length, item->root.data,
             (int)item->files[i].length, item->files[i].data);
    FILE *file = fopen(path, "ae");
    if (!file) {
      host->fail(host, kz_text_of(path));
      return KZ_FAILED;
    }
    fputs("# improved\n", file);
    fclose(file);
  }
  char note[512];
  snprintf(note, sizeof note, "changed %u files for %.*s after %.*s", item->file_count,
           (int)item->type.length, item->type.data, (int)item->history_json.length,
           item->history_json.data);
  return sink->note(sink, kz_text_of(note));
}

APPLIER("good-applier", "code_smell", apply)
