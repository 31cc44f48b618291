// The host of the probe: counts what it is asked, and says no where it was told to.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "probe.h"

enum { ADDED_BYTES = 64, ADDED_VALUE = 0xA5 };
enum { GUARDED_TEXTS_MAX = 512 }; // a mapping each, vm.max_map_count is 65,530

probe_call probe_current = {.lock = PTHREAD_MUTEX_INITIALIZER};

void probe_begin(uint64_t seed, int64_t now_ns) {
  probe_call *call = &probe_current;
  pthread_mutex_lock(&call->lock);
  call->callbacks = call->emissions = call->late = 0;
  call->digest = 0xCBF29CE484222325u;
  call->random = seed;
  call->now_ns = now_ns;
  call->failure[0] = '\0';
  pthread_mutex_unlock(&call->lock);
}

// ---- Callbacks

static bool is_stopped(const probe_call *call) {
  return call->stops_at_once || (call->stop_at && call->callbacks >= call->stop_at);
}

// Counts a callback; whether the call is to end.
static bool enter(void) {
  probe_call *call = &probe_current;
  pthread_mutex_lock(&call->lock);
  if (is_stopped(call)) call->late++;
  call->callbacks++;
  return is_stopped(call);
}

static void leave(void) { pthread_mutex_unlock(&probe_current.lock); }

// FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
static void mix(const void *bytes, uint64_t count) {
  const unsigned char *each = bytes;
  for (uint64_t i = 0; i < count; i++) {
    probe_current.digest = (probe_current.digest ^ each[i]) * 0x100000001B3u;
  }
}
static void mix_text(kz_text text) {
  if (text.data && text.length <= KZ_JSON_BYTES_MAX) mix(text.data, text.length);
  mix(&text.length, sizeof text.length);
}

static kz_status emission(bool stopped) {
  probe_call *call = &probe_current;
  call->emissions++;
  if (call->refuse_at && call->emissions >= call->refuse_at) return KZ_FAILED;
  return stopped ? KZ_STOPPED : KZ_OK;
}

static void host_log(const kz_host *host, uint32_t level, kz_text message) {
  (void)host, (void)level, (void)message;
  enter();
  leave();
}
static void host_progress(const kz_host *host, double fraction) {
  (void)host, (void)fraction;
  enter();
  leave();
}
static int32_t host_should_stop(const kz_host *host) {
  (void)host;
  bool stopped = enter();
  leave();
  return stopped;
}
static void host_fail(const kz_host *host, kz_text message) {
  (void)host;
  probe_call *call = &probe_current;
  enter();
  call->failure[kzr_repair(message, call->failure, sizeof call->failure - 1)] = '\0';
  for (char *at = call->failure; *at; at++) {
    if ((unsigned char)*at < 0x20) *at = ' '; // one line
  }
  leave();
}
static int64_t host_now(const kz_host *host) {
  (void)host;
  enter();
  int64_t now = probe_current.now_ns;
  leave();
  return now;
}
// As the worker's own: SplitMix64.
static uint64_t host_random(const kz_host *host) {
  (void)host;
  enter();
  uint64_t z = (probe_current.random += 0x9E3779B97F4A7C15u);
  leave();
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}
static const void *host_extension(const kz_host *host, kz_text id) {
  (void)host, (void)id;
  enter();
  leave();
  return NULL;
}

static kz_status emit_opportunity(const kz_analyzer_sink *sink, const kz_opportunity *found) {
  (void)sink;
  kz_status status = emission(enter());
  mix(&found->severity, sizeof found->severity);
  mix(&found->strength, sizeof found->strength);
  mix_text(found->type);
  mix_text(found->title);
  mix_text(found->evidence_json);
  leave();
  return status;
}
static kz_status emit_note(const kz_applier_sink *sink, kz_text text) {
  (void)sink;
  kz_status status = emission(enter());
  mix_text(text);
  leave();
  return status;
}
static kz_status emit_score(const kz_scorer_sink *sink, kz_text dimension, double value) {
  (void)sink;
  kz_status status = emission(enter());
  mix_text(dimension);
  mix(&value, sizeof value);
  leave();
  return status;
}
static kz_status emit_finding(const kz_scorer_sink *sink, const kz_finding *finding) {
  (void)sink;
  kz_status status = emission(enter());
  mix(&finding->level, sizeof finding->level);
  mix(&finding->line, sizeof finding->line);
  mix_text(finding->rule);
  mix_text(finding->file);
  mix_text(finding->message);
  leave();
  return status;
}

// ---- Shapes

static _Noreturn void no_memory(void) {
  probe_say("found host.memory no memory for the probe itself: %s", strerror(errno));
  _exit(1);
}

// A copy that ends where a page begins that nobody may touch.
static void *guarded(const void *value, size_t bytes) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t room = (bytes + page - 1) / page * page;
  char *base = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED || mprotect(base + room, page, PROT_NONE) != 0) no_memory();
  if (bytes > 0) memcpy(base + room - bytes, value, bytes);
  return base + room - bytes;
}

const void *probe_lay(const void *value, size_t bytes, probe_shape shape) {
  size_t added = shape == NEWER ? ADDED_BYTES : 0;
  char *copy = shape == OLDER ? guarded(value, bytes) : malloc(bytes + added);
  if (!copy) no_memory();
  if (shape != OLDER) memcpy(copy, value, bytes);
  memset(copy + bytes, ADDED_VALUE, added);
  uint32_t size = (uint32_t)(bytes + added);
  memcpy(copy, &size, sizeof size);
  return copy;
}

// An array; it has no size of its own, so there is nothing to add to it.
static const void *lay_array(const void *array, size_t count, size_t bytes, probe_shape shape) {
  return shape == OLDER && array ? guarded(array, count * bytes) : array;
}

static kz_text lay_text(kz_text text, probe_shape shape) {
  if (shape != OLDER || text.length == 0) return text;
  return (kz_text){guarded(text.data, text.length), text.length};
}

static const kz_text *lay_texts(const kz_text *texts, uint32_t count, probe_shape shape) {
  if (shape != OLDER) return texts;
  kz_text *copies = calloc(count ? count : 1, sizeof *copies);
  if (!copies) no_memory();
  for (uint32_t i = 0; i < count; i++) {
    copies[i] = i < GUARDED_TEXTS_MAX ? lay_text(texts[i], shape) : texts[i];
  }
  const kz_text *laid = lay_array(copies, count, sizeof *copies, shape);
  free(copies);
  return laid;
}

// More columns may come: one in front of the others, so that who counts them is found out.
static const kz_column *lay_columns(const kz_agent_view *view, uint32_t *count, probe_shape shape) {
  *count = view->column_count;
  if (shape == OLDER) {
    return lay_array(view->columns, view->column_count, sizeof *view->columns, shape);
  }
  if (shape != NEWER || view->column_count == 0) return view->columns;
  kz_column *columns = calloc(view->column_count + 1, sizeof *columns);
  uint64_t rows = view->columns[0].length;
  double *values = calloc(rows ? rows : 1, sizeof *values);
  if (!columns || !values) no_memory();
  columns[0] = (kz_column){.name = KZ_TEXT("of a newer host"), .format = KZ_TEXT("g"),
                           .length = rows, .values = values};
  memcpy(columns + 1, view->columns, view->column_count * sizeof *columns);
  *count = view->column_count + 1;
  return columns;
}

const kz_agent_view *probe_view(const kz_agent_view *view, probe_shape shape) {
  kz_agent_view copy = *view;
  copy.agent = lay_text(view->agent, shape);
  copy.root = lay_text(view->root, shape);
  copy.agent_json = lay_text(view->agent_json, shape);
  copy.facts_json = lay_text(view->facts_json, shape);
  copy.now = probe_lay(view->now, sizeof *view->now, shape);
  copy.before = probe_lay(view->before, sizeof *view->before, shape);
  copy.trend = probe_lay(view->trend, sizeof *view->trend, shape);
  copy.errors = lay_array(view->errors, view->error_count, sizeof *view->errors, shape);
  copy.columns = lay_columns(view, &copy.column_count, shape);
  copy.files = lay_texts(view->files, view->file_count, shape);
  // The only struct that has grown: before facts_json it ended here.
  size_t bytes = shape == OLDER ? offsetof(kz_agent_view, facts_json) : sizeof copy;
  return probe_lay(&copy, bytes, shape);
}

const kz_plan_item *probe_item(const kz_plan_item *item, probe_shape shape) {
  kz_plan_item copy = *item;
  copy.opportunity = lay_text(item->opportunity, shape);
  copy.type = lay_text(item->type, shape);
  copy.title = lay_text(item->title, shape);
  copy.component = lay_text(item->component, shape);
  copy.evidence_json = lay_text(item->evidence_json, shape);
  copy.agent = lay_text(item->agent, shape);
  copy.root = lay_text(item->root, shape);
  copy.agent_json = lay_text(item->agent_json, shape);
  copy.history_json = lay_text(item->history_json, shape);
  copy.files = lay_texts(item->files, item->file_count, shape);
  return probe_lay(&copy, sizeof copy, shape);
}

const kz_tree_view *probe_tree(const kz_tree_view *tree, probe_shape shape) {
  kz_tree_view copy = *tree;
  copy.root = lay_text(tree->root, shape);
  copy.files = lay_texts(tree->files, tree->file_count, shape);
  return probe_lay(&copy, sizeof copy, shape);
}

const kz_host *probe_host(probe_shape shape) {
  kz_host host = {.log = host_log,
                  .progress = host_progress,
                  .should_stop = host_should_stop,
                  .fail = host_fail,
                  .now_ns = host_now,
                  .random_u64 = host_random,
                  .extension = host_extension};
  return probe_lay(&host, sizeof host, shape);
}

const kz_analyzer_sink *probe_analyzer_sink(probe_shape shape) {
  return probe_lay(&(kz_analyzer_sink){.opportunity = emit_opportunity}, sizeof(kz_analyzer_sink),
                   shape);
}
const kz_applier_sink *probe_applier_sink(probe_shape shape) {
  return probe_lay(&(kz_applier_sink){.note = emit_note}, sizeof(kz_applier_sink), shape);
}
const kz_scorer_sink *probe_scorer_sink(probe_shape shape) {
  return probe_lay(&(kz_scorer_sink){.score = emit_score, .finding = emit_finding},
                   sizeof(kz_scorer_sink), shape);
}
