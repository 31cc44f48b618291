// The layout of the contract, checked: a change here breaks every plugin ever built (R1).
#include "kaizen_plugin.h"

#include <assert.h>

static_assert(sizeof(void *) == 8, "the contract is for 64-bit targets");

#define SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type " changed its size")
#define AT(type, field, bytes) \
  static_assert(offsetof(type, field) == (bytes), #type "." #field " moved")

// Frozen: these never grow.
SIZE(kz_text, 16);
AT(kz_text, length, 8);
SIZE(kz_column, 72);
AT(kz_column, format, 16);
AT(kz_column, length, 32);
AT(kz_column, null_count, 40);
AT(kz_column, validity, 48);
AT(kz_column, values, 56);
AT(kz_column, offsets, 64);
SIZE(kz_error_count, 24);
AT(kz_error_count, count, 16);

// These may grow at the end; what was released stays where it is.
AT(kz_host, context, 8);
AT(kz_host, log, 16);
AT(kz_host, progress, 24);
AT(kz_host, should_stop, 32);
AT(kz_host, fail, 40);
AT(kz_host, now_ns, 48);
AT(kz_host, random_u64, 56);
AT(kz_host, extension, 64);
SIZE(kz_host, 72);

AT(kz_descriptor, kind, 4);
AT(kz_descriptor, flags, 8);
AT(kz_descriptor, topic_count, 12);
AT(kz_descriptor, topics, 16);
AT(kz_descriptor, id, 24);
AT(kz_descriptor, version, 40);
AT(kz_descriptor, data, 56);
AT(kz_descriptor, create, 64);
AT(kz_descriptor, activate, 72);
AT(kz_descriptor, deactivate, 80);
AT(kz_descriptor, destroy, 88);
AT(kz_descriptor, interface, 96);
SIZE(kz_descriptor, 104);

AT(kz_numbers, records, 8);
AT(kz_numbers, operations, 16);
AT(kz_numbers, successes, 24);
AT(kz_numbers, failures, 32);
AT(kz_numbers, errors, 40);
AT(kz_numbers, mean_ms, 48);
AT(kz_numbers, p50_ms, 56);
AT(kz_numbers, p95_ms, 64);
AT(kz_numbers, quality, 72);
AT(kz_numbers, memory_mb, 80);
AT(kz_numbers, cpu_percent, 88);
SIZE(kz_numbers, 96);

AT(kz_trend, days, 4);
AT(kz_trend, slope_per_day, 8);
AT(kz_trend, p_value, 16);
SIZE(kz_trend, 24);

AT(kz_agent_view, error_count, 4);
AT(kz_agent_view, agent, 8);
AT(kz_agent_view, sla_ns, 24);
AT(kz_agent_view, generation, 32);
AT(kz_agent_view, now_ns, 40);
AT(kz_agent_view, now, 48);
AT(kz_agent_view, before, 56);
AT(kz_agent_view, trend, 64);
AT(kz_agent_view, errors, 72);
AT(kz_agent_view, columns, 80);
AT(kz_agent_view, column_count, 88);
AT(kz_agent_view, file_count, 92);
AT(kz_agent_view, root, 96);
AT(kz_agent_view, files, 112);
AT(kz_agent_view, agent_json, 120);
AT(kz_agent_view, facts_json, 136); // a host of the first release ends here
SIZE(kz_agent_view, 152);

AT(kz_opportunity, severity, 4);
AT(kz_opportunity, type, 8);
AT(kz_opportunity, title, 24);
AT(kz_opportunity, strength, 40);
AT(kz_opportunity, evidence_json, 48);
SIZE(kz_opportunity, 64);

AT(kz_plan_item, severity, 4);
AT(kz_plan_item, opportunity, 8);
AT(kz_plan_item, type, 24);
AT(kz_plan_item, title, 40);
AT(kz_plan_item, component, 56);
AT(kz_plan_item, evidence_json, 72);
AT(kz_plan_item, strength, 88);
AT(kz_plan_item, agent, 96);
AT(kz_plan_item, generation, 112);
AT(kz_plan_item, now_ns, 120);
AT(kz_plan_item, root, 128);
AT(kz_plan_item, files, 144);
AT(kz_plan_item, file_count, 152);
AT(kz_plan_item, agent_json, 160);
AT(kz_plan_item, history_json, 176);
SIZE(kz_plan_item, 192);

AT(kz_tree_view, file_count, 4);
AT(kz_tree_view, now_ns, 8);
AT(kz_tree_view, root, 16);
AT(kz_tree_view, files, 32);
SIZE(kz_tree_view, 40);

AT(kz_finding, level, 4);
AT(kz_finding, rule, 8);
AT(kz_finding, file, 24);
AT(kz_finding, line, 40);
AT(kz_finding, message, 48);
SIZE(kz_finding, 64);

AT(kz_analyzer_sink, context, 8);
AT(kz_analyzer_sink, opportunity, 16);
AT(kz_applier_sink, note, 16);
AT(kz_scorer_sink, score, 16);
AT(kz_scorer_sink, finding, 24);
AT(kz_analyzer, analyze, 8);
AT(kz_applier, apply, 8);
AT(kz_scorer, score, 8);
