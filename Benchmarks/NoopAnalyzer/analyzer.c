// Finds nothing, and so costs nothing: what a call of it takes is what the call itself takes.
// For the agent "crash" it crashes, so that starting anew after a crash can be timed.
#include <stdlib.h>

#include "kaizen_plugin.h"

static int instance;

static void *create(const kz_descriptor *self, const kz_host *host, kz_text config_json) {
  (void)self, (void)host, (void)config_json;
  return &instance;
}

static void destroy(void *made) { (void)made; }

static kz_status analyze(void *made, const kz_agent_view *view, const kz_analyzer_sink *sink) {
  (void)made, (void)sink;
  if (kz_text_is(view->agent, "crash")) abort();
  return KZ_OK;
}

static const void *interface(const kz_descriptor *self, kz_text id) {
  static const kz_analyzer table = {.size = sizeof table, .analyze = analyze};
  (void)self;
  return kz_text_is(id, KZ_ANALYZER_1) ? &table : NULL;
}

const kz_descriptor *kz_plugin_entry_v1(const kz_host *host, uint32_t index) {
  static const kz_text topics[] = {KZ_TEXT("error_pattern")};
  static const kz_descriptor descriptor = {.size = sizeof descriptor,
                                           .kind = KZ_KIND_ANALYZER,
                                           .topic_count = 1,
                                           .topics = topics,
                                           .id = KZ_TEXT("noop"),
                                           .version = KZ_TEXT("1.0.0"),
                                           .create = create,
                                           .destroy = destroy,
                                           .interface = interface};
  (void)host;
  return index == 0 ? &descriptor : NULL;
}
