// An analyzer that keeps all rules but the one that FAULT names: -DFAULT=LEAKS and so on.
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kaizen_plugin.h"

enum {
  NOTHING,
  LEAKS,             // memory, a little in each call
  LEAKS_INSTANCES,   // what create made stays
  LEAKS_DESCRIPTORS, // a file is opened in each call
  LEAKS_THREADS,     // one is left waiting after each call
  IGNORES_SIZE,      // reads a field that older hosts do not have
  READS_TO_NUL,      // takes texts for C strings
  WANTS_OWN_SIZE,    // refuses a struct that has grown
  COUNTS_COLUMNS,    // takes the fourth column for the scores
  FALLS_OVER_STOP,   // clears up twice when it is asked to stop
  NEVER_STOPS,       // asks, and goes on
  FAILS_ON_STOP,     // says that it failed
  TIRED_BY_STOP,     // never works again once it was asked to stop
  FALLS_OVER_NO,     // relies on each value being taken
  KNOWS_ALL,         // has a table for every interface
  LIES_ABOUT_PURE,   // counts its calls
  LIVES_ONCE,        // cannot be activated again
  NEEDS_EXTENSION,   // takes an extension for given
  TIRES,             // fails after 100 calls
  NEW_DESCRIPTORS,   // makes a descriptor each time it is asked
  BAD_STATUS,        // returns a status that is none
  LEAVES,            // ends the process when it is activated again
  FLOODS,            // writes to a descriptor of its host's
};
#ifndef FAULT
#define FAULT NOTHING
#endif

typedef struct {
  const kz_host *host;
  int is_active, was_active, is_tired, calls;
} unruly;

static void *create(const kz_descriptor *self, const kz_host *host, kz_text config_json) {
  (void)self, (void)config_json;
  unruly *made = calloc(1, sizeof *made);
  if (made) made->host = host;
  else host->fail(host, kz_text_of("out of memory"));
  return made;
}
static kz_status activate(void *instance) {
  unruly *self = instance;
  if (FAULT == LIVES_ONCE && self->was_active) abort();
  if (FAULT == LEAVES && self->was_active) exit(0);
  self->is_active = self->was_active = 1;
  return KZ_OK;
}
static void deactivate(void *instance) { ((unruly *)instance)->is_active = 0; }
static void destroy(void *instance) {
  if (FAULT != LEAKS_INSTANCES) free(instance);
}

static void *wait_for_ever(void *unused) {
  for (;;) pause();
  return unused;
}

static void leak(void) {
  static void *volatile last; // or the compiler sees that nobody wants the memory
  if (FAULT == LEAKS) last = malloc(24);
  if (FAULT == LEAKS_DESCRIPTORS && open("/dev/null", O_RDONLY) < 0) abort();
  pthread_t thread;
  if (FAULT == LEAKS_THREADS) pthread_create(&thread, NULL, wait_for_ever, NULL);
  (void)last;
}

static void flood(void) {
  static const char line[] = "step of nobody's\n";
  for (int i = 0; FAULT == FLOODS && i < 20000; i++) {
    if (write(5, line, sizeof line - 1) < 0) return;
  }
}

static int is_stopped(unruly *self) {
  if (!self->host->should_stop(self->host)) return 0;
  if (FAULT == FALLS_OVER_STOP) abort();
  if (FAULT == NEVER_STOPS) return 0;
  self->is_tired = 1;
  return 1;
}

static double mean_score(const kz_agent_view *view) {
  const kz_column *scores = kz_column_named(view->columns, view->column_count, "score");
  if (FAULT == COUNTS_COLUMNS && view->column_count > 3) scores = &view->columns[3];
  if (!scores || scores->length == 0 || !kz_text_is(scores->format, "g")) return 0;
  double sum = 0;
  for (uint64_t row = 0; row < scores->length; row++) {
    if (kz_column_has(scores, row)) sum += ((const double *)scores->values)[row];
  }
  return sum;
}

static uint64_t text_bytes(kz_text text) {
  uint64_t count = 0;
  if (FAULT == READS_TO_NUL) return text.data ? strlen(text.data) : 0;
  for (uint64_t i = 0; i < text.length; i++) count += text.data[i] != 0;
  return count;
}

static kz_status say(const unruly *self, const kz_agent_view *view, const kz_analyzer_sink *sink) {
  uint64_t sum = (uint64_t)mean_score(view) + text_bytes(view->root);
  if (FAULT == IGNORES_SIZE || KZ_HAS(kz_agent_view, view, facts_json)) {
    sum += view->facts_json.length;
  }
  double strength = FAULT == LIES_ABOUT_PURE ? 1.0 / (1 + self->calls) : 1.0 / (double)(1 + sum);
  kz_opportunity found = {.size = sizeof found,
                          .type = kz_text_of("error_pattern"),
                          .title = kz_text_of("a title"),
                          .strength = strength};
  return sink->opportunity(sink, &found);
}

static kz_status analyze(void *instance, const kz_agent_view *view, const kz_analyzer_sink *sink) {
  unruly *self = instance;
  if (!self->is_active) abort();
  if (FAULT == TIRED_BY_STOP && self->is_tired) return KZ_FAILED;
  if (FAULT == TIRES && self->calls > 100) return KZ_FAILED;
  if (FAULT == BAD_STATUS) return 7;
  if (FAULT == WANTS_OWN_SIZE && view->size > sizeof *view) return KZ_FAILED;
  if (FAULT == NEEDS_EXTENSION) {
    const int *given = self->host->extension(self->host, kz_text_of("vendor.name/1"));
    self->calls += *given;
  }
  self->calls++;
  leak();
  flood();
  for (int turn = 0; turn < (FAULT == NEVER_STOPS ? 3000 : 3); turn++) {
    if (is_stopped(self)) return FAULT == FAILS_ON_STOP ? KZ_FAILED : KZ_STOPPED;
  }
  kz_status status = say(self, view, sink);
  if (FAULT == FALLS_OVER_NO && status == KZ_FAILED) abort();
  return FAULT == NEVER_STOPS ? KZ_OK : status;
}

static const kz_analyzer table = {.size = sizeof table, .analyze = analyze};
static const void *interface(const kz_descriptor *self, kz_text id) {
  (void)self;
  return FAULT == KNOWS_ALL || kz_text_is(id, KZ_ANALYZER_1) ? &table : NULL;
}
static const kz_text topics[] = {KZ_TEXT("error_pattern")};
static const kz_descriptor descriptor = {.size = sizeof descriptor,
                                         .kind = KZ_KIND_ANALYZER,
                                         .flags = KZ_FLAG_PURE,
                                         .topic_count = 1,
                                         .topics = topics,
                                         .id = KZ_TEXT("unruly"),
                                         .version = KZ_TEXT("1.0.0"),
                                         .create = create,
                                         .activate = activate,
                                         .deactivate = deactivate,
                                         .destroy = destroy,
                                         .interface = interface};

const kz_descriptor *kz_plugin_entry_v1(const kz_host *given, uint32_t index) {
  (void)given;
  if (index != 0) return NULL;
  if (FAULT != NEW_DESCRIPTORS) return &descriptor;
  kz_descriptor *another = malloc(sizeof *another);
  if (another) *another = descriptor;
  return another;
}
