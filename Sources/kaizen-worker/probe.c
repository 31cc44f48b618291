// The scenarios of the probe; probe.h says what each line of them means.
#include "probe.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { POINTS_MAX = 64 };       // callbacks at which a call is stopped or refused, each in a call
enum { LATE_MAX = 1000 };       // callbacks that may come after one that said to stop
enum { LIVES = 1000 };          // instances made and destroyed to see what they leave
enum { LEAK_BYTES_MIN = 8 };    // a call or an instance, less is taken for chance
enum { REPORTS = 20 };          // the part of the time after which the calls that fit are counted
enum { SAY_NS = 200000000 };    // between two steps said of many calls

typedef struct {
  const kz_descriptor *(*entry)(const kz_host *, uint32_t);
  const kz_descriptor *descriptor;
  uint32_t index, component_count, kind;
  const void *table;
  char *config;
  kzw_request request;
  probe_files *files; // of a clone
  uint64_t limit;     // calls of `repeat`
  int64_t limit_ns;   // and how long they may take
} probe;

static int64_t monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// ---- One call, one instance

static const char *interface_id(uint32_t kind) {
  return kind == KZ_KIND_ANALYZER  ? KZ_ANALYZER_1
         : kind == KZ_KIND_APPLIER ? KZ_APPLIER_1
                                   : KZ_SCORER_1;
}

static const void *argument(const probe *self, probe_shape shape) {
  const kzw_request *request = &self->request;
  if (self->kind == KZ_KIND_ANALYZER) {
    return shape == AS_IS ? &request->view : probe_view(&request->view, shape);
  }
  if (self->kind == KZ_KIND_APPLIER) {
    return shape == AS_IS ? &request->item : probe_item(&request->item, shape);
  }
  return shape == AS_IS ? &request->tree : probe_tree(&request->tree, shape);
}

static const void *sink(const probe *self, probe_shape shape) {
  static const void *sinks[NEWER + 1];
  if (!sinks[shape]) {
    sinks[shape] = self->kind == KZ_KIND_ANALYZER  ? (const void *)probe_analyzer_sink(shape)
                   : self->kind == KZ_KIND_APPLIER ? (const void *)probe_applier_sink(shape)
                                                   : (const void *)probe_scorer_sink(shape);
  }
  return sinks[shape];
}

// Makes the call as probe_current says; files of a clone are first laid out as they were.
static kz_status call(const probe *self, void *instance, probe_shape shape) {
  const void *about = argument(self, shape), *answers = sink(self, shape);
  probe_files_restore(self->files);
  probe_begin(self->request.seed, self->request.now_ns);
  switch (self->kind) {
    case KZ_KIND_ANALYZER:
      return ((const kz_analyzer *)self->table)->analyze(instance, about, answers);
    case KZ_KIND_APPLIER:
      return ((const kz_applier *)self->table)->apply(instance, about, answers);
    default: return ((const kz_scorer *)self->table)->score(instance, about, answers);
  }
}

static const char *reason(void) {
  return probe_current.failure[0] ? probe_current.failure : "it gave no reason";
}

static void *create(probe *self, const kz_host *host) {
  probe_begin(self->request.seed, self->request.now_ns);
  void *made = self->descriptor->create(self->descriptor, host, kz_text_of(self->config));
  if (!made) probe_say("found lifecycle.create create returned NULL: %s", reason());
  return made;
}

static bool activate(probe *self, void *instance) {
  probe_begin(self->request.seed, self->request.now_ns);
  kz_status status = self->descriptor->activate ? self->descriptor->activate(instance) : KZ_OK;
  if (status == KZ_OK) return true;
  probe_say("found lifecycle.activate activate returned %d: %s", status, reason());
  return false;
}

static void deactivate(probe *self, void *instance) {
  if (self->descriptor->deactivate) self->descriptor->deactivate(instance);
}

// An active instance, or NULL after saying why there is none.
static void *begin_instance(probe *self, const kz_host *host) {
  void *instance = create(self, host);
  if (!instance || activate(self, instance)) return instance;
  self->descriptor->destroy(instance);
  return NULL;
}

static void end_instance(probe *self, void *instance) {
  deactivate(self, instance);
  self->descriptor->destroy(instance);
}

// ---- Scenarios

static bool same_answers(probe *self, const kz_host *host) {
  for (uint32_t i = 0; i < self->component_count; i++) {
    if (self->entry(host, i) != self->entry(host, i) || !self->entry(host, i)) {
      probe_say("found lifecycle.entry the entry gives another descriptor for index %u each time",
                i);
      return false;
    }
  }
  if (!self->entry(host, self->component_count)) return true;
  probe_say("found lifecycle.entry the entry gives a descriptor past the last, at %u",
            self->component_count);
  return false;
}

static void ask_interfaces(probe *self) {
  static const char *const unknown[] = {"kz.analyzer/9", "kz.nothing/1", "", "kz."};
  const kz_descriptor *own = self->descriptor;
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
    if (own->interface(own, kz_text_of(unknown[i]))) {
      probe_say("found interface.unknown interface gives a table for \"%s\", expected NULL",
                unknown[i]);
      return;
    }
  }
  if (own->interface(own, kz_text_of(interface_id(self->kind))) != self->table) {
    probe_say("found interface.changes interface gives another table each time");
    return;
  }
  probe_say("saw interface.unknown an interface it does not know has no table");
}

// Two at once, made alike: a pure component says the same in both, and in a second call.
static bool two_at_once(probe *self, const kz_host *host) {
  void *first = begin_instance(self, host);
  void *second = first ? begin_instance(self, host) : NULL;
  if (!second) return false;
  bool is_pure = self->descriptor->flags & KZ_FLAG_PURE;
  kz_status status = call(self, first, AS_IS);
  uint64_t digest = probe_current.digest;
  for (int i = 0; i < 3; i++) {
    if (call(self, i == 1 ? first : second, AS_IS) != status || probe_current.digest != digest) {
      if (is_pure) {
        probe_say("found pure.differs %s",
                  i == 1 ? "a second call with the same input says something else"
                         : "another instance says something else of the same input");
        is_pure = false;
      }
    }
    if (i == 1) end_instance(self, first);
  }
  end_instance(self, second);
  if (is_pure) probe_say("saw pure.differs the same input gave the same answers four times");
  return true;
}

// Instances come and go with each worker, and with each call that has files.
static void count_leaks(probe *self, const kz_host *host) {
  probe_means before = {0};
  for (int i = 0; i < LIVES + LIVES / 10; i++) {
    if (i == LIVES / 10) before = probe_measure();
    void *instance = begin_instance(self, host);
    if (!instance) return;
    end_instance(self, instance);
  }
  probe_means after = probe_measure();
  int64_t heap = (int64_t)(after.heap_bytes - before.heap_bytes);
  if (heap >= LIVES * LEAK_BYTES_MIN) {
    probe_say("found leak.instance %d instances made and destroyed leave %lld bytes each", LIVES,
              (long long)heap / LIVES);
  } else if (after.descriptors > before.descriptors || after.threads > before.threads) {
    probe_say("found leak.instance %d instances made and destroyed leave %lld descriptors and %lld "
              "threads", LIVES, (long long)(after.descriptors - before.descriptors),
              (long long)(after.threads - before.threads));
  } else {
    probe_say("saw leak.instance %d instances made and destroyed leave nothing", LIVES);
  }
}

static void live(probe *self) {
  const kz_host *host = probe_host(AS_IS);
  probe_say("step asking the entry again");
  bool good = same_answers(self, host);
  probe_say("step asking for an interface that it does not know");
  ask_interfaces(self);
  for (int turn = 0; turn < 2 && good; turn++) {
    probe_say("step create and destroy without activate");
    void *instance = create(self, host);
    if (!instance) return;
    self->descriptor->destroy(instance);
    probe_say("step activate and deactivate without a call");
    instance = begin_instance(self, host);
    if (!instance) return;
    deactivate(self, instance);
    probe_say("step activating it again after deactivate");
    if (!activate(self, instance)) return;
    probe_say("step a call after it was activated again");
    call(self, instance, AS_IS);
    call(self, instance, AS_IS);
    probe_say("step deactivate and destroy after calls");
    end_instance(self, instance);
  }
  if (good) probe_say("saw lifecycle create, activate, calls, deactivate, destroy: twice in each order");
  probe_say("step two instances at once");
  if (!two_at_once(self, host)) return;
  probe_say("step %d instances, one after the other", LIVES);
  count_leaks(self, host);
}

// An older or a newer host: what it says has to be the same where nothing it knows is missing.
static void shaped(probe *self, probe_shape shape) {
  const char *name = shape == OLDER ? "older" : "newer";
  probe_say("step create by %s host", shape == OLDER ? "an older" : "a newer");
  void *instance = begin_instance(self, probe_host(AS_IS));
  if (!instance) return;
  kz_status usual = call(self, instance, AS_IS);
  uint64_t digest = probe_current.digest;
  end_instance(self, instance);
  const kz_host *host = probe_host(shape);
  self->entry(host, self->index);
  instance = begin_instance(self, host);
  if (!instance) return;
  probe_say("step a call by %s host", shape == OLDER ? "an older" : "a newer");
  kz_status status = call(self, instance, shape);
  bool differs = status != usual || (shape == NEWER && probe_current.digest != digest &&
                                     self->descriptor->flags & KZ_FLAG_PURE);
  if (status == KZ_FAILED && usual != KZ_FAILED) {
    probe_say("found host.%s the call fails: %s", name, reason());
  } else if (differs) {
    probe_say("found host.%s its answers differ from those to this host", name);
  }
  probe_say("step destroy by %s host", shape == OLDER ? "an older" : "a newer");
  end_instance(self, instance);
  if (!differs) {
    probe_say("saw host.%s %s", name,
              shape == OLDER ? "reads nothing outside structs, arrays and texts"
                             : "lives with larger structs and a column more");
  }
}

// After a call that was ended or refused, the instance goes on as before.
static bool goes_on(probe *self, void *instance, kz_status usual, const char *rule, uint64_t at) {
  probe_current.stop_at = probe_current.refuse_at = 0;
  probe_current.stops_at_once = false;
  kz_status status = call(self, instance, AS_IS);
  if (status == usual) return true;
  probe_say("found %s.after a call after the one of callback %llu returned %d, before it %d: %s",
            rule, (unsigned long long)at, status, usual, reason());
  return false;
}

static bool stop_at(probe *self, void *instance, uint64_t at) {
  probe_current.stop_at = at;
  probe_current.stops_at_once = at == 0;
  probe_say("step a call that is asked to stop %s %llu", at ? "at callback" : "before callback",
            (unsigned long long)(at ? at : 1));
  kz_status status = call(self, instance, AS_IS);
  if (status < KZ_OK || status > KZ_STOPPED) {
    probe_say("found cancel.status a call that was asked to stop returned %d, expected KZ_STOPPED "
              "or KZ_OK", status);
    return false;
  }
  if (status == KZ_FAILED) {
    probe_say("found cancel.status a call that was asked to stop at callback %llu returned "
              "KZ_FAILED: %s", (unsigned long long)at, reason());
    return false;
  }
  if (probe_current.late <= LATE_MAX) return true;
  probe_say("found cancel.ignored it went on for %llu callbacks after the one that said to stop",
            (unsigned long long)probe_current.late);
  return false;
}

static void stop_everywhere(probe *self) {
  void *instance = begin_instance(self, probe_host(AS_IS));
  if (!instance) return;
  probe_say("step a call to count its callbacks");
  kz_status usual = call(self, instance, AS_IS);
  uint64_t count = probe_current.callbacks, last = count < POINTS_MAX ? count : POINTS_MAX;
  for (uint64_t at = 0; at <= last; at++) {
    if (!stop_at(self, instance, at) || !goes_on(self, instance, usual, "cancel", at)) return;
  }
  probe_say("step destroy after calls that were asked to stop");
  end_instance(self, instance);
  if (count == 0) probe_say("saw cancel asked to stop before the call; it makes no callback here");
  else probe_say("saw cancel asked to stop at each of %llu callbacks (of %llu), and before the first",
                 (unsigned long long)last, (unsigned long long)count);
}

static void refuse_everywhere(probe *self) {
  void *instance = begin_instance(self, probe_host(AS_IS));
  if (!instance) return;
  probe_say("step a call to count what it emits");
  kz_status usual = call(self, instance, AS_IS);
  uint64_t count = probe_current.emissions, last = count < POINTS_MAX ? count : POINTS_MAX;
  for (uint64_t at = 1; at <= last; at++) {
    probe_current.refuse_at = at;
    probe_say("step a call whose emission %llu is refused", (unsigned long long)at);
    kz_status status = call(self, instance, AS_IS);
    if (status < KZ_OK || status > KZ_STOPPED) {
      probe_say("found refusal.status a call that had a value refused returned %d, expected 0, 1 "
                "or 2", status);
      return;
    }
    if (!goes_on(self, instance, usual, "refusal", at)) return;
  }
  probe_say("step destroy after calls that had values refused");
  end_instance(self, instance);
  if (count == 0) probe_say("saw refusal it emits nothing here that could be refused");
  else probe_say("saw refusal had each of %llu values refused (of %llu)", (unsigned long long)last,
                 (unsigned long long)count);
}

// ---- Growth

enum { QUARTERS = 4 };
enum { EARLY = 4 }; // calls after which a component is warm
enum { POOL = 8 };  // descriptors or threads that one may take later, and keep

static bool grows(const uint64_t *values) {
  return values[1] > values[0] && values[2] > values[1] && values[3] > values[2];
}

// What each quarter adds to is a leak; what once was allocated and stays is not.
static void judge_memory(const probe_means *means, uint64_t calls) {
  uint64_t heap[QUARTERS], resident[QUARTERS];
  for (int i = 0; i < QUARTERS; i++) {
    heap[i] = means[i].heap_bytes;
    resident[i] = means[i].resident_bytes;
  }
  uint64_t between = calls - calls / QUARTERS;
  uint64_t lost = heap[3] - heap[0], pages = resident[3] - resident[0];
  const probe_means *last = &means[QUARTERS - 1];
  if (grows(heap) && lost >= between * LEAK_BYTES_MIN) {
    probe_say("found leak.memory %llu calls left %llu bytes each on the heap",
              (unsigned long long)between, (unsigned long long)(lost / between));
  } else if (grows(resident) && pages > 1024 * 1024) {
    probe_say("found leak.memory the process grew by %llu KiB in %llu calls",
              (unsigned long long)(pages / 1024), (unsigned long long)between);
  } else {
    probe_say("saw leak.memory %llu calls: %llu KiB resident, %lld bytes of heap more than after "
              "the first quarter", (unsigned long long)calls,
              (unsigned long long)(last->resident_bytes / 1024), (long long)lost);
  }
}

// What is used up stops growing where the sandbox's limit is, so that the first calls count too.
static void judge_handles(const probe_means *early, const probe_means *means, uint64_t calls) {
  const probe_means *first = &means[0], *last = &means[QUARTERS - 1];
  if (last->descriptors > first->descriptors || last->descriptors > early->descriptors + POOL) {
    probe_say("found leak.descriptors %llu calls left %llu descriptors open",
              (unsigned long long)(calls - EARLY),
              (unsigned long long)(last->descriptors - early->descriptors));
  }
  if (last->threads > first->threads || last->threads > early->threads + POOL) {
    probe_say("found leak.threads %llu calls left %llu threads",
              (unsigned long long)(calls - EARLY),
              (unsigned long long)(last->threads - early->threads));
  }
}

// Calls that fit into the time, by what the first ones took: each quarter of them ends yet to come.
static uint64_t fitting(uint64_t count, uint64_t made, int64_t took_ns, int64_t limit_ns) {
  uint64_t fits = (uint64_t)(limit_ns / (took_ns / (int64_t)made + 1));
  if (fits < made * QUARTERS + QUARTERS) fits = made * QUARTERS + QUARTERS;
  return fits < count ? fits : count;
}

static void repeat(probe *self) {
  void *instance = begin_instance(self, probe_host(AS_IS));
  if (!instance) return;
  probe_say("step the first call");
  kz_status usual = call(self, instance, AS_IS);
  int64_t start = monotonic_ns(), said = start;
  uint64_t count = self->limit;
  bool is_settled = false;
  probe_means means[QUARTERS] = {{0}}, early = {0};
  for (uint64_t i = 1; i <= count; i++) {
    int64_t now = monotonic_ns();
    if (i == 1 || now - said > SAY_NS) {
      said = now;
      probe_say("step call %llu of %llu", (unsigned long long)i, (unsigned long long)count);
    }
    kz_status status = call(self, instance, AS_IS);
    if (status != usual) {
      probe_say("found calls.differ call %llu returned %d, the first %d: %s", (unsigned long long)i,
                status, usual, reason());
      return;
    }
    if (i == EARLY) early = probe_measure();
    now = monotonic_ns();
    if (!is_settled && now - start > self->limit_ns / REPORTS) {
      is_settled = true;
      count = fitting(count, i, now - start, self->limit_ns);
    }
    for (uint64_t quarter = 1; quarter <= QUARTERS; quarter++) {
      if (i == count * quarter / QUARTERS) means[quarter - 1] = probe_measure();
    }
  }
  probe_say("step destroy after %llu calls", (unsigned long long)count);
  end_instance(self, instance);
  judge_memory(means, count);
  judge_handles(&early, means, count);
}

// ---- The process

static bool load(probe *self, kzw_channel *channel, kzr_error *error) {
  kzw_message message;
  kzw_load load;
  if (kzw_receive(channel, 10000, &message, error) != KZW_GOT_MESSAGE ||
      !kzw_read_load(&message, &load, error)) {
    return false;
  }
  char *path = strndup(load.path.data, load.path.length);
  self->config = strndup(load.config_json.data, load.config_json.length);
  if (!path || !self->config) return kzr_fail(error, KZR_SYSTEM, "out of memory");
  kzr_library *library = kzr_open(path, error);
  int32_t index = library ? kzr_find(library, load.id, load.kind, error) : -1;
  if (index < 0) return false;
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL); // the same handle again
  *(void **)&self->entry = dlsym(handle, KZ_PLUGIN_ENTRY);
  self->index = (uint32_t)index;
  self->component_count = kzr_component_count(library);
  self->kind = load.kind;
  self->descriptor = self->entry(probe_host(AS_IS), self->index);
  self->table = self->descriptor->interface(self->descriptor, kz_text_of(interface_id(self->kind)));
  if (self->table) return true;
  return kzr_fail(error, KZR_INTERFACE, "it has no interface \"%s\"", interface_id(self->kind));
}

static bool take_request(probe *self, kzw_channel *channel, kzr_error *error) {
  kzw_message message;
  if (kzw_receive(channel, 10000, &message, error) != KZW_GOT_MESSAGE ||
      !kzw_read_request(&message, &self->request, error)) {
    return false;
  }
  const kz_plan_item *item = &self->request.item;
  if (self->kind == KZ_KIND_APPLIER) {
    self->files = probe_files_keep(item->root, item->files, item->file_count);
  }
  return true;
}

int probe_run(kzw_channel *channel, int count, char **arguments) {
  static probe self;
  kzr_error error = {.message = "the socket closed"};
  if (count != 3) return 2;
  self.limit = strtoull(arguments[1], NULL, 10);
  self.limit_ns = (int64_t)strtoull(arguments[2], NULL, 10) * 1000000;
  probe_say("step loading it");
  if (!load(&self, channel, &error) || !take_request(&self, channel, &error)) {
    probe_say("found load %s", error.message);
    return 1;
  }
  const char *scenario = arguments[0];
  if (strcmp(scenario, "life") == 0) live(&self);
  else if (strcmp(scenario, "older") == 0) shaped(&self, OLDER);
  else if (strcmp(scenario, "newer") == 0) shaped(&self, NEWER);
  else if (strcmp(scenario, "cancel") == 0) stop_everywhere(&self);
  else if (strcmp(scenario, "refusal") == 0) refuse_everywhere(&self);
  else if (strcmp(scenario, "repeat") == 0) repeat(&self);
  else return 2;
  probe_say("done");
  return 0;
}
