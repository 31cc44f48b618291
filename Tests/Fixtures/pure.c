// Pure: all it says follows from its input and the host. What its file `order.txt` says, it does.
#define FIXTURE_FLAGS KZ_FLAG_PURE
#define FIXTURE_CREATE create
#include "kaizen_plugin.h"

static void *create(const kz_descriptor *self, const kz_host *given, kz_text config_json);

#include "fixture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t made_at;
static uint64_t made_with;

static void *create(const kz_descriptor *self, const kz_host *given, kz_text config_json) {
  made_at = given->now_ns(given);
  made_with = given->random_u64(given);
  return fixture_create(self, given, config_json);
}

static void read_order(const kz_agent_view *view, char *order, size_t size) {
  char path[4096];
  snprintf(path, sizeof path, "%.*s/order.txt", (int)view->root.length, view->root.data);
  FILE *file = fopen(path, "re");
  size_t length = file ? fread(order, 1, size - 1, file) : 0;
  order[length] = '\0';
  if (file) fclose(file);
}

ANALYZE(analyze) {
  (void)instance;
  char order[256], evidence[1024];
  read_order(view, order, sizeof order);
  host->log(host, KZ_LOG_INFO, kz_text_of(order));
  if (strstr(order, "crash")) *(volatile int *)8 = 1;
  if (strstr(order, "loop")) {
    for (volatile int on = 1; on;) {
    }
  }
  if (strstr(order, "fail")) {
    host->fail(host, kz_text_of("as ordered"));
    return KZ_FAILED;
  }
  struct timespec now = {0};
  if (strstr(order, "cheat")) clock_gettime(CLOCK_REALTIME, &now);
  snprintf(evidence, sizeof evidence,
           "{\"now\":%lld,\"random\":\"%llu\",\"made_at\":%lld,\"made_with\":\"%llu\",\"rows\":%llu,"
           "\"read\":%zu,\"own_clock\":%lld}",
           (long long)host->now_ns(host), (unsigned long long)host->random_u64(host),
           (long long)made_at, (unsigned long long)made_with,
           view->column_count ? (unsigned long long)view->columns[0].length : 0, strlen(order),
           (long long)now.tv_sec * 1000000000 + now.tv_nsec);
  kz_opportunity found = sound_opportunity();
  found.evidence_json = kz_text_of(evidence);
  return sink->opportunity(sink, &found);
}

ANALYZER("pure", "error_pattern", analyze)
