// One instance of a component: its life cycle and its calls.
#include "instance.h"

#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = {"created", "active", "in a call", "being changed"};

// ---- Life cycle

// Moves from `from` to `to`; false with KZR_STATE where another state stands, so that two threads
// can never be inside one instance.
static bool move(kzr_instance *self, kzr_state from, kzr_state to, const char *what, kzr_error *error) {
  int expected = from;
  if (atomic_compare_exchange_strong(&self->state, &expected, to)) return true;
  return kzr_fail(error, KZR_STATE, "component \"%.*s\": cannot %s while it is %s, only while %s",
                  (int)self->description->id.length, self->description->id.data, what,
                  state_names[expected], state_names[from]);
}

// Fails with the component's own words.
static bool failed(kzr_instance *self, uint32_t code, const char *what, kzr_error *error) {
  const char *reason = self->failure_length ? self->failure : "it gave no reason";
  size_t length = self->failure_length ? self->failure_length : strlen(reason);
  return kzr_fail(error, code, "component \"%.*s\": %s: %.*s",
                  (int)self->description->id.length, self->description->id.data, what, (int)length,
                  reason);
}

// The function table of the component's kind. All three begin with size, reserved, one function.
static const void *find_table(kzr_instance *self, kzr_error *error) {
  const kzr_description *own = self->description;
  const char *id = own->kind == KZ_KIND_ANALYZER  ? KZ_ANALYZER_1
                   : own->kind == KZ_KIND_APPLIER ? KZ_APPLIER_1
                                                  : KZ_SCORER_1;
  const kz_analyzer *table = self->descriptor->interface(self->descriptor, kz_text_of(id));
  if (!table) {
    kzr_fail(error, KZR_INTERFACE, "component \"%.*s\" has no interface \"%s\"",
             (int)own->id.length, own->id.data, id);
    return NULL;
  }
  if (table->size < sizeof *table || !table->analyze) {
    kzr_fail(error, KZR_INTERFACE,
             "component \"%.*s\": interface \"%s\" has size %u, expected at least %zu, and its "
             "function set",
             (int)own->id.length, own->id.data, id, table->size, sizeof *table);
    return NULL;
  }
  return table;
}
_Static_assert(sizeof(kz_applier) == sizeof(kz_analyzer), "tables are alike");
_Static_assert(sizeof(kz_scorer) == sizeof(kz_analyzer), "tables are alike");

static void release(kzr_instance *self) {
  pthread_mutex_destroy(&self->emitting);
  free(self->scratch);
  free(self);
}

kzr_instance *kzr_create(kzr_library *library, uint32_t index, kz_text config_json, int64_t now_ns,
                         uint64_t seed, kzr_log log, kzr_error *error) {
  if (index >= library->count) {
    kzr_fail(error, KZR_COMPONENT, "%s has %u components, expected one at %u", library->path,
             library->count, index);
    return NULL;
  }
  kzr_instance *self = calloc(1, sizeof *self);
  if (!self) {
    kzr_fail(error, KZR_SYSTEM, "out of memory");
    return NULL;
  }
  self->library = library;
  self->descriptor = library->components[index].descriptor;
  self->description = &library->components[index].description;
  self->log = log;
  self->now_ns = now_ns;
  self->random = seed;
  pthread_mutex_init(&self->emitting, NULL);
  kzr_set_up_host(self);
  kzr_set_up_sinks(self);
  pthread_mutex_lock(&library->lifecycle);
  self->table = find_table(self, error);
  if (self->table) {
    self->instance = self->descriptor->create(self->descriptor, &self->host, config_json);
    if (!self->instance) failed(self, KZR_CREATE, "create returned NULL", error);
  }
  pthread_mutex_unlock(&library->lifecycle);
  if (self->instance) return self;
  release(self);
  return NULL;
}

bool kzr_activate(kzr_instance *self, kzr_error *error) {
  if (!move(self, CREATED, CHANGING, "activate", error)) return false;
  kz_status status = KZ_OK;
  self->failure_length = 0;
  if (self->descriptor->activate) {
    pthread_mutex_lock(&self->library->lifecycle);
    status = self->descriptor->activate(self->instance);
    pthread_mutex_unlock(&self->library->lifecycle);
  }
  atomic_store(&self->state, status == KZ_OK ? ACTIVE : CREATED);
  return status == KZ_OK || failed(self, KZR_CREATE, "activate failed", error);
}

bool kzr_deactivate(kzr_instance *self, kzr_error *error) {
  if (!move(self, ACTIVE, CHANGING, "deactivate", error)) return false;
  if (self->descriptor->deactivate) {
    pthread_mutex_lock(&self->library->lifecycle);
    self->descriptor->deactivate(self->instance);
    pthread_mutex_unlock(&self->library->lifecycle);
  }
  atomic_store(&self->state, CREATED);
  return true;
}

bool kzr_destroy(kzr_instance *self, kzr_error *error) {
  if (atomic_load(&self->state) == ACTIVE && !kzr_deactivate(self, error)) return false;
  if (!move(self, CREATED, CHANGING, "destroy", error)) return false;
  pthread_mutex_lock(&self->library->lifecycle);
  self->descriptor->destroy(self->instance);
  pthread_mutex_unlock(&self->library->lifecycle);
  release(self);
  return true;
}

// ---- Calls

static bool enter(kzr_instance *self, uint32_t kind, const kzr_call *call, kzr_error *error) {
  if (self->description->kind != kind) {
    return kzr_fail(error, KZR_KIND, "component \"%.*s\" is of kind %s, expected %s",
                    (int)self->description->id.length, self->description->id.data,
                    kzr_kind_name(self->description->kind), kzr_kind_name(kind));
  }
  if (!move(self, ACTIVE, CALLING, "call it", error)) return false;
  atomic_store_explicit(&self->now_ns, call->now_ns, memory_order_relaxed);
  atomic_store_explicit(&self->control, call->control, memory_order_relaxed);
  atomic_store_explicit(&self->call, call->id, memory_order_relaxed);
  self->random = call->seed;
  pthread_mutex_lock(&self->emitting);
  self->in_call = true;
  self->events = call->events;
  self->opportunities = self->findings = self->notes = self->logs = 0;
  self->scored = 0;
  self->refused.code = KZR_OK;
  self->failure_length = 0;
  pthread_mutex_unlock(&self->emitting);
  return true;
}

static uint32_t outcome(kzr_instance *self, kz_status status, bool cancelled, kzr_error *error) {
  if (self->refused.code) {
    if (error) *error = self->refused;
    return self->refused.code;
  }
  uint32_t code = status == KZ_STOPPED && cancelled ? KZR_STOPPED : KZR_FAILED;
  switch (status) {
    case KZ_OK: return KZR_OK;
    case KZ_FAILED: failed(self, code, "failed", error); break;
    case KZ_STOPPED:
      failed(self, code, cancelled ? "stopped when asked to" : "stopped unasked", error);
      break;
    default:
      kzr_fail(error, code, "component \"%.*s\" returned status %d, expected 0, 1 or 2",
               (int)self->description->id.length, self->description->id.data, status);
  }
  return code;
}

static uint32_t leave(kzr_instance *self, kz_status status, kzr_error *error) {
  pthread_mutex_lock(&self->emitting);
  self->in_call = false;
  uint32_t code = outcome(self, status, kzr_is_cancelled(self), error);
  pthread_mutex_unlock(&self->emitting);
  atomic_store_explicit(&self->control, NULL, memory_order_relaxed);
  atomic_store(&self->state, ACTIVE);
  return code;
}

uint32_t kzr_analyze(kzr_instance *self, const kz_agent_view *view, const kzr_call *call,
                     kzr_error *error) {
  kzr_error own;
  if (!error) error = &own;
  if (!enter(self, KZ_KIND_ANALYZER, call, error)) return error->code;
  const kz_analyzer *table = self->table;
  return leave(self, table->analyze(self->instance, view, &self->analyzer_sink), error);
}

uint32_t kzr_apply(kzr_instance *self, const kz_plan_item *item, const kzr_call *call,
                   kzr_error *error) {
  kzr_error own;
  if (!error) error = &own;
  if (!enter(self, KZ_KIND_APPLIER, call, error)) return error->code;
  const kz_applier *table = self->table;
  return leave(self, table->apply(self->instance, item, &self->applier_sink), error);
}

uint32_t kzr_score(kzr_instance *self, const kz_tree_view *tree, const kzr_call *call,
                   kzr_error *error) {
  kzr_error own;
  if (!error) error = &own;
  if (!enter(self, KZ_KIND_SCORER, call, error)) return error->code;
  const kz_scorer *table = self->table;
  return leave(self, table->score(self->instance, tree, &self->scorer_sink), error);
}
