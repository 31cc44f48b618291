/* An analyzer that writes to nowhere the first time it is asked: what it costs is its own process.
   Build it with: cc -shared -fPIC -I ../../../Sources/CKaizenPlugin/include -o libcrasher.so crasher.c */
#include "kaizen_plugin.h"

static char instance; /* one is enough: it keeps nothing */

static void *create(const kz_descriptor *self, const kz_host *host, kz_text config_json) {
  (void)self, (void)host, (void)config_json;
  return &instance;
}

static void destroy(void *made) { (void)made; }

static kz_status analyze(void *made, const kz_agent_view *view, const kz_analyzer_sink *sink) {
  (void)made, (void)view, (void)sink;
  *(volatile int *)8 = 1;
  return KZ_OK;
}

static const kz_analyzer analyzer = {.size = sizeof analyzer, .analyze = analyze};

static const void *interface(const kz_descriptor *self, kz_text id) {
  (void)self;
  return kz_text_is(id, KZ_ANALYZER_1) ? &analyzer : NULL;
}

static const kz_text emits[] = {KZ_TEXT("error_pattern")};
static const kz_descriptor descriptor = {.size = sizeof descriptor,
                                         .kind = KZ_KIND_ANALYZER,
                                         .topic_count = 1,
                                         .topics = emits,
                                         .id = KZ_TEXT("crasher"),
                                         .version = KZ_TEXT("1.0.0"),
                                         .create = create,
                                         .destroy = destroy,
                                         .interface = interface};

const kz_descriptor *kz_plugin_entry_v1(const kz_host *given, uint32_t index) {
  (void)given;
  return index == 0 ? &descriptor : NULL;
}
