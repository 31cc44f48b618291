// Logs each step of its life; create fails where the configuration says {"fail":"create"}, and so
// does activate.
#include <string.h>

#include "fixture.h"

static int fails;

static void step(const char *name) { host->log(host, KZ_LOG_DEBUG, kz_text_of(name)); }

static void *create(const kz_descriptor *self, const kz_host *given, kz_text config_json) {
  fixture_create(self, given, config_json);
  step("create");
  fails = kz_text_is(config_json, "{\"fail\":\"activate\"}");
  if (!kz_text_is(config_json, "{\"fail\":\"create\"}")) return &fails;
  host->fail(host, kz_text_of("told to"));
  return NULL;
}
static kz_status activate(void *instance) {
  step("activate");
  if (!*(int *)instance) return KZ_OK;
  host->fail(host, kz_text_of("no wish to"));
  return KZ_FAILED;
}
static void deactivate(void *instance) { (void)instance, step("deactivate"); }
static void destroy(void *instance) { (void)instance, step("destroy"); }

ANALYZE(analyze) {
  (void)instance, (void)view, (void)sink;
  step("analyze");
  return KZ_OK;
}

static const kz_analyzer table = {.size = sizeof table, .analyze = analyze};
static const void *interface(const kz_descriptor *self, kz_text id) {
  (void)self;
  return kz_text_is(id, KZ_ANALYZER_1) ? &table : NULL;
}
static const kz_text topics[] = {KZ_TEXT("error_pattern"), KZ_TEXT("tool_upgrade")};
static const kz_descriptor descriptor = {.size = sizeof descriptor,
                                         .kind = KZ_KIND_ANALYZER,
                                         .flags = KZ_FLAG_PURE,
                                         .topic_count = 2,
                                         .topics = topics,
                                         .id = KZ_TEXT("life-cycle"),
                                         .version = KZ_TEXT("2.1.0"),
                                         .create = create,
                                         .activate = activate,
                                         .deactivate = deactivate,
                                         .destroy = destroy,
                                         .interface = interface};
const kz_descriptor *kz_plugin_entry_v1(const kz_host *given, uint32_t index) {
  (void)given;
  return index == 0 ? &descriptor : NULL;
}
