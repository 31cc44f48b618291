// Behaves: reads every part of the view and says in its evidence what it saw.
#include "fixture.h"

#include <stdio.h>

static const kz_column *column(const kz_agent_view *view, const char *name) {
  return kz_column_named(view->columns, view->column_count, name);
}

// The sum of the durations that are there.
static double total_ms(const kz_agent_view *view) {
  const kz_column *durations = column(view, "duration_ms");
  double total = 0;
  for (uint64_t row = 0; durations && row < durations->length; row++) {
    if (kz_column_has(durations, row)) total += ((const double *)durations->values)[row];
  }
  return total;
}

ANALYZE(analyze) {
  (void)instance;
  host->log(host, KZ_LOG_INFO, kz_text_of("looking"));
  host->progress(host, 0.5);
  const kz_column *errors = column(view, "error_type");
  char evidence[512];
  snprintf(evidence, sizeof evidence,
           "{\"agent\":\"%.*s\",\"operations\":%llu,\"before\":%llu,\"days\":%u,\"errors\":%u,"
           "\"files\":%u,\"rows\":%llu,\"total_ms\":%.1f,\"nulls\":%llu,\"now\":%lld,"
           "\"random\":%llu}",
           (int)view->agent.length, view->agent.data, (unsigned long long)view->now->operations,
           (unsigned long long)view->before->operations, view->trend->days, view->error_count,
           view->file_count, errors ? (unsigned long long)errors->length : 0, total_ms(view),
           errors ? (unsigned long long)errors->null_count : 0, (long long)host->now_ns(host),
           (unsigned long long)host->random_u64(host));
  kz_opportunity found = sound_opportunity();
  found.evidence_json = kz_text_of(evidence);
  return sink->opportunity(sink, &found);
}

ANALYZER("good", "error_pattern", analyze)
