// What every fixture needs to be a plugin; a fixture itself says only how it misbehaves.
#ifndef FIXTURE_H
#define FIXTURE_H

#include "kaizen_plugin.h"

// A fixture of another version, one that is pure, or one that makes its instance in its own way,
// defines this before.
#ifndef FIXTURE_VERSION
#define FIXTURE_VERSION "1.0.0"
#endif
#ifndef FIXTURE_FLAGS
#define FIXTURE_FLAGS 0
#endif
#ifndef FIXTURE_CREATE
#define FIXTURE_CREATE fixture_create
#endif

static const kz_host *host; // of the one instance
static char fixture_config[512]; // the start of its config, as text

static inline void *fixture_create(const kz_descriptor *self, const kz_host *given,
                                   kz_text config_json) {
  (void)self;
  host = given;
  for (uint64_t i = 0; i < config_json.length && i + 1 < sizeof fixture_config; i++) {
    fixture_config[i] = config_json.data[i];
  }
  return &host;
}
static inline void fixture_destroy(void *instance) { (void)instance; }

// Defines the library: one component with one topic, whose work is `function`.
#define FIXTURE(KIND, TABLE, MEMBER, INTERFACE, ID, TOPIC, FUNCTION)                             \
  static const TABLE table = {.size = sizeof table, .MEMBER = FUNCTION};                         \
  static const void *interface(const kz_descriptor *self, kz_text id) {                          \
    (void)self;                                                                                  \
    return kz_text_is(id, INTERFACE) ? &table : NULL;                                            \
  }                                                                                              \
  static const kz_text topics[] = {KZ_TEXT(TOPIC)};                                              \
  static const kz_descriptor descriptor = {.size = sizeof descriptor,                            \
                                           .kind = KIND,                                         \
                                           .flags = FIXTURE_FLAGS,                               \
                                           .topic_count = 1,                                     \
                                           .topics = topics,                                     \
                                           .id = KZ_TEXT(ID),                                    \
                                           .version = KZ_TEXT(FIXTURE_VERSION),                          \
                                           .create = FIXTURE_CREATE,                             \
                                           .destroy = fixture_destroy,                           \
                                           .interface = interface};                              \
  const kz_descriptor *kz_plugin_entry_v1(const kz_host *given, uint32_t index) {                \
    (void)given;                                                                                 \
    return index == 0 ? &descriptor : NULL;                                                      \
  }

#define ANALYZER(ID, TOPIC, FUNCTION) \
  FIXTURE(KZ_KIND_ANALYZER, kz_analyzer, analyze, KZ_ANALYZER_1, ID, TOPIC, FUNCTION)
#define APPLIER(ID, TOPIC, FUNCTION) \
  FIXTURE(KZ_KIND_APPLIER, kz_applier, apply, KZ_APPLIER_1, ID, TOPIC, FUNCTION)
#define SCORER(ID, TOPIC, FUNCTION) \
  FIXTURE(KZ_KIND_SCORER, kz_scorer, score, KZ_SCORER_1, ID, TOPIC, FUNCTION)

#define ANALYZE(name) \
  static kz_status name(void *instance, const kz_agent_view *view, const kz_analyzer_sink *sink)
#define APPLY(name) \
  static kz_status name(void *instance, const kz_plan_item *item, const kz_applier_sink *sink)
#define SCORE(name) \
  static kz_status name(void *instance, const kz_tree_view *tree, const kz_scorer_sink *sink)

// An opportunity as it should be, for fixtures that spoil one field.
static inline kz_opportunity sound_opportunity(void) {
  kz_opportunity found = {.size = sizeof found,
                          .type = kz_text_of("error_pattern"),
                          .title = kz_text_of("a sound title"),
                          .strength = 0.5,
                          .evidence_json = kz_text_of("{}")};
  return found;
}

#endif
