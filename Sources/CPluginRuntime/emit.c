// What a plugin emits: copied, then checked, then handed on, one thread at a time.
#include <stdlib.h>
#include <string.h>

#include "instance.h"

enum { SCRATCH_BYTES = KZ_JSON_BYTES_MAX + KZ_TITLE_BYTES_MAX + KZ_ID_BYTES_MAX };
_Static_assert(SCRATCH_BYTES >= KZ_ID_BYTES_MAX + KZ_PATH_BYTES_MAX + KZ_MESSAGE_BYTES_MAX,
               "the scratch holds a finding too");
_Static_assert(KZ_TOPICS_MAX <= 64, "one bit for each dimension");

// Begins an emission. False where the call is over or has had a value refused.
static bool begin(kzr_instance *self, kz_status *status) {
  pthread_mutex_lock(&self->emitting);
  *status = !self->in_call ? KZ_STOPPED : self->refused.code ? KZ_FAILED : KZ_OK;
  if (*status == KZ_OK && !self->scratch) {
    self->scratch = malloc(SCRATCH_BYTES);
    if (!self->scratch) {
      kzr_fail(&self->refused, KZR_SYSTEM, "out of memory");
      *status = KZ_FAILED;
    }
  }
  if (*status == KZ_OK) return true;
  pthread_mutex_unlock(&self->emitting);
  return false;
}

static kz_status end(kzr_instance *self, bool good) {
  kz_status status = !good ? KZ_FAILED : kzr_is_cancelled(self) ? KZ_STOPPED : KZ_OK;
  pthread_mutex_unlock(&self->emitting);
  return status;
}

// Copies `text` to the scratch at `*used`; false where it is too long or has no bytes to copy.
static bool take(kzr_instance *self, const char *what, kz_text *text, uint64_t limit,
                 uint64_t *used) {
  if (text->length > limit || (!text->data && text->length > 0)) {
    return kzr_check_text(self->description->id, what, *text, limit, &self->refused);
  }
  char *copy = self->scratch + *used;
  if (text->length > 0) memcpy(copy, text->data, text->length);
  text->data = copy;
  *used += text->length;
  return true;
}

static bool refuse(kzr_instance *self, uint32_t code, const char *what, unsigned long long limit) {
  return kzr_fail(&self->refused, code, "component \"%.*s\": %s %llu",
                  (int)self->description->id.length, self->description->id.data, what, limit);
}

// The index of `topic` among the component's own; -1 with the error set.
static int topic_index(kzr_instance *self, const char *what, kz_text topic) {
  const kzr_description *own = self->description;
  for (uint32_t i = 0; i < own->topic_count; i++) {
    if (own->topics[i].length == topic.length &&
        memcmp(own->topics[i].data, topic.data, topic.length) == 0) {
      return (int)i;
    }
  }
  kzr_fail(&self->refused, KZR_VALUE,
           "component \"%.*s\": %s \"%.*s\" is none of its topics (the first is \"%.*s\")",
           (int)own->id.length, own->id.data, what, (int)topic.length, topic.data,
           (int)own->topics[0].length, own->topics[0].data);
  return -1;
}

static bool is_whole(kzr_instance *self, const char *what, const void *pointer, uint32_t size,
                     size_t expected) {
  if (pointer && size >= expected) return true;
  return kzr_fail(&self->refused, KZR_VALUE,
                  "component \"%.*s\": %s with size %u, expected its sizeof, at least %zu",
                  (int)self->description->id.length, self->description->id.data, what, size,
                  expected);
}

static kz_status emit_opportunity(const kz_analyzer_sink *sink, const kz_opportunity *found) {
  kzr_instance *self = sink->context;
  kz_status status;
  if (!begin(self, &status)) return status;
  if (!is_whole(self, "an opportunity", found, found ? found->size : 0, sizeof *found)) {
    return end(self, false);
  }
  kz_opportunity copy = *found;
  copy.size = sizeof copy;
  uint64_t used = 0;
  bool good =
      (++self->opportunities <= KZ_OPPORTUNITIES_MAX ||
       refuse(self, KZR_LIMIT, "more opportunities a call than", KZ_OPPORTUNITIES_MAX)) &&
      take(self, "an opportunity's type", &copy.type, KZ_ID_BYTES_MAX, &used) &&
      take(self, "an opportunity's title", &copy.title, KZ_TITLE_BYTES_MAX, &used) &&
      take(self, "an opportunity's evidence", &copy.evidence_json, KZ_JSON_BYTES_MAX, &used) &&
      kzr_check_opportunity(self->description->id, &copy, &self->refused) &&
      topic_index(self, "an opportunity's type", copy.type) >= 0;
  if (good && self->events.opportunity) self->events.opportunity(self->events.context, &copy);
  return end(self, good);
}

static kz_status emit_note(const kz_applier_sink *sink, kz_text text) {
  kzr_instance *self = sink->context;
  kz_status status;
  if (!begin(self, &status)) return status;
  uint64_t used = 0;
  bool good = (++self->notes <= KZ_NOTES_MAX ||
               refuse(self, KZR_LIMIT, "more notes a call than", KZ_NOTES_MAX)) &&
              take(self, "a note", &text, KZ_MESSAGE_BYTES_MAX, &used) &&
              kzr_check_note(self->description->id, text, &self->refused);
  if (good && self->events.note) self->events.note(self->events.context, text);
  return end(self, good);
}

static bool scored_once(kzr_instance *self, kz_text dimension) {
  int index = topic_index(self, "a score's dimension", dimension);
  if (index < 0) return false;
  uint64_t bit = UINT64_C(1) << index;
  if (self->scored & bit) {
    return kzr_fail(&self->refused, KZR_VALUE,
                    "component \"%.*s\": the dimension \"%.*s\" was scored twice in one call",
                    (int)self->description->id.length, self->description->id.data,
                    (int)dimension.length, dimension.data);
  }
  self->scored |= bit;
  return true;
}

static kz_status emit_score(const kz_scorer_sink *sink, kz_text dimension, double value) {
  kzr_instance *self = sink->context;
  kz_status status;
  if (!begin(self, &status)) return status;
  uint64_t used = 0;
  bool good = take(self, "a score's dimension", &dimension, KZ_ID_BYTES_MAX, &used) &&
              kzr_check_score(self->description->id, dimension, value, &self->refused) &&
              scored_once(self, dimension);
  if (good && self->events.score) self->events.score(self->events.context, dimension, value);
  return end(self, good);
}

static kz_status emit_finding(const kz_scorer_sink *sink, const kz_finding *finding) {
  kzr_instance *self = sink->context;
  kz_status status;
  if (!begin(self, &status)) return status;
  if (!is_whole(self, "a finding", finding, finding ? finding->size : 0, sizeof *finding)) {
    return end(self, false);
  }
  kz_finding copy = *finding;
  copy.size = sizeof copy;
  uint64_t used = 0;
  bool good = (++self->findings <= KZ_FINDINGS_MAX ||
               refuse(self, KZR_LIMIT, "more findings a call than", KZ_FINDINGS_MAX)) &&
              take(self, "a finding's rule", &copy.rule, KZ_ID_BYTES_MAX, &used) &&
              take(self, "a finding's file", &copy.file, KZ_PATH_BYTES_MAX, &used) &&
              take(self, "a finding's message", &copy.message, KZ_MESSAGE_BYTES_MAX, &used) &&
              kzr_check_finding(self->description->id, &copy, &self->refused);
  if (good && self->events.finding) self->events.finding(self->events.context, &copy);
  return end(self, good);
}

void kzr_set_up_sinks(kzr_instance *self) {
  self->analyzer_sink = (kz_analyzer_sink){
      .size = sizeof(kz_analyzer_sink), .context = self, .opportunity = emit_opportunity};
  self->applier_sink =
      (kz_applier_sink){.size = sizeof(kz_applier_sink), .context = self, .note = emit_note};
  self->scorer_sink = (kz_scorer_sink){.size = sizeof(kz_scorer_sink),
                                       .context = self,
                                       .score = emit_score,
                                       .finding = emit_finding};
}
