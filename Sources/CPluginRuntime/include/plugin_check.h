// Checks of what comes from a plugin, or from a worker that a plugin may have taken over. Both
// the loader and the reader of the wire use them, so that a value is refused in the same words
// wherever the component runs.
#ifndef PLUGIN_CHECK_H
#define PLUGIN_CHECK_H

#include "kaizen_plugin.h"
#include "plugin_error.h"

// What a component says of itself, checked. Whoever gives one out says how long it lives.
typedef struct kzr_description {
  uint32_t kind;  // KZ_KIND_…
  uint32_t flags; // KZ_FLAG_…
  kz_text id;
  kz_text version;
  const kz_text *topics;
  uint32_t topic_count;
} kzr_description;

// Whether `text` is well-formed UTF-8: no overlong form, surrogate or code point past U+10FFFF.
bool kzr_is_utf8(kz_text text);

// Copies `text` into `out` (capacity at least 4) as UTF-8 that is well-formed, cut where it does
// not fit, broken bytes replaced by U+FFFD. Returns the bytes written; there is no NUL.
uint64_t kzr_repair(kz_text text, char *out, uint64_t capacity);

// Each returns true, or false with `error` naming the component `who` and the value.
bool kzr_check_description(const kzr_description *description, kzr_error *error);
bool kzr_check_opportunity(kz_text who, const kz_opportunity *found, kzr_error *error);
bool kzr_check_finding(kz_text who, const kz_finding *finding, kzr_error *error);
bool kzr_check_score(kz_text who, kz_text dimension, double value, kzr_error *error);
bool kzr_check_note(kz_text who, kz_text note, kzr_error *error);
// Whether `text` has a pointer where it has a length, at most `limit` bytes and well-formed UTF-8.
bool kzr_check_text(kz_text who, const char *what, kz_text text, uint64_t limit, kzr_error *error);

// "analyzer", "applier", "scorer" or "unknown kind".
const char *kzr_kind_name(uint32_t kind);

#endif
