// The one loader of plugins, used in the worker and, for trusted components, in the daemon: opens
// a library, checks what it says of itself, keeps the life cycle of the contract, and lets nothing
// out of a component that is not copied and checked. What is refused has a typed error.
//
// A library is opened once and never closed (dlclose is unsafe for Swift, Rust and C++ alike).
// Nothing here protects against a wild pointer: that is what the worker is for.
#ifndef PLUGIN_RUNTIME_H
#define PLUGIN_RUNTIME_H

#include "kaizen_plugin.h"
#include "plugin_check.h"
#include "plugin_control.h"
#include "plugin_error.h"

// ---- Libraries

typedef struct kzr_library kzr_library;

// Opens the library at `path` (with a slash in it) and reads its descriptors. One opened before is
// given again. Alive as long as the process; NULL with `error` otherwise.
kzr_library *kzr_open(const char *path, kzr_error *error);

uint32_t kzr_component_count(const kzr_library *library);

// What component `index` says of itself, alive as long as the process.
const kzr_description *kzr_component(const kzr_library *library, uint32_t index);

// The index of the component `id` of that kind; -1 with `error` naming what there is instead.
int32_t kzr_find(const kzr_library *library, kz_text id, uint32_t kind, kzr_error *error);

// ---- Calls

// Where a component's results go. Every value is checked, lent until the function returns, and
// comes from one thread at a time. Where the call then fails, what it emitted counts for nothing.
// Each function may be NULL.
typedef struct kzr_events {
  void *context; // given to each function
  void (*opportunity)(void *context, const kz_opportunity *found);
  void (*score)(void *context, kz_text dimension, double value);
  void (*finding)(void *context, const kz_finding *finding);
  void (*note)(void *context, kz_text note);
  void (*progress)(void *context, double fraction);
} kzr_events;

// Where its log goes, from create to the end of destroy.
typedef struct kzr_log {
  void *context;
  void (*log)(void *context, uint32_t level, kz_text message); // may be NULL
} kzr_log;

// The circumstances of one call: with the same, a pure component gives the same results.
typedef struct kzr_call {
  uint64_t id;                // ascending from 1 for one control
  int64_t now_ns;             // what host->now_ns says during the call
  uint64_t seed;              // where host->random_u64 starts
  const kzr_control *control; // who may stop it; NULL: nobody
  kzr_events events;
} kzr_call;

// ---- Instances

typedef struct kzr_instance kzr_instance;

// Makes an instance of component `index`. `seed` and `now_ns` are for create and activate.
kzr_instance *kzr_create(kzr_library *library, uint32_t index, kz_text config_json, int64_t now_ns,
                         uint64_t seed, kzr_log log, kzr_error *error);

bool kzr_activate(kzr_instance *instance, kzr_error *error);

// One call, on the caller's thread; returns when the component does. KZR_OK, or the code that is
// also in `error`: KZR_VALUE for a refused value, KZR_STOPPED, KZR_FAILED with the component's own
// message, KZR_STATE where it is not active or a call is running, KZR_KIND for another kind.
uint32_t kzr_analyze(kzr_instance *instance, const kz_agent_view *view, const kzr_call *call,
                     kzr_error *error);
uint32_t kzr_apply(kzr_instance *instance, const kz_plan_item *item, const kzr_call *call,
                   kzr_error *error);
uint32_t kzr_score(kzr_instance *instance, const kz_tree_view *tree, const kzr_call *call,
                   kzr_error *error);

bool kzr_deactivate(kzr_instance *instance, kzr_error *error);

// Deactivates where needed, destroys, frees. False, and nothing done, while a call runs.
bool kzr_destroy(kzr_instance *instance, kzr_error *error);

#endif
