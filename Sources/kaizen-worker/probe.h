// A host that behaves as badly as the contract allows, for `kaizen plugins verify`.
//
//   kaizen-worker probe SCENARIO COUNT MILLISECONDS
//
// Loads a component and takes one call, both over the socket as a worker does, and then makes that
// call again and again. What it sees goes to descriptor 5 in lines, each in one write(2):
//
//   step WORDS          what comes now; where the process ends, this is what ended it
//   found RULE WORDS    something the component did that the contract does not let it do
//   saw RULE WORDS      something that was looked at and is well
//   done                nothing more comes
//
// The component shares the process and could write there too: nothing but its author's own insight
// depends on these lines.
#ifndef PROBE_H
#define PROBE_H

#include <pthread.h>

#include "plugin_runtime.h"
#include "plugin_wire.h"

// How the host shows its structs.
typedef enum {
  AS_IS,  // as the worker does
  OLDER,  // as small as they ever were, with nothing but a fault behind them, texts and arrays too
  NEWER,  // larger, with values of no meaning in what came on top, and one column more
} probe_shape;

// What happens in one call, and what happened. The functions of the host may be called from any
// thread of the component's, so that all of it is behind `lock`.
typedef struct {
  pthread_mutex_t lock;
  uint64_t stop_at;   // the callback from which on the call is to end; 1 = the first; 0 = never
  uint64_t refuse_at; // the emission from which on each is refused; 0 = never
  bool stops_at_once; // it is to end before the first callback
  uint64_t callbacks; // how many there were
  uint64_t emissions; // those among them that say something
  uint64_t late;      // how many came after the one that said to stop
  uint64_t digest;    // of all emissions, FNV-1a
  uint64_t random;
  int64_t now_ns;
  char failure[256];  // what host->fail said
} probe_call;

extern probe_call probe_current;

// Forgets the call before, and begins one with that seed and time.
void probe_begin(uint64_t seed, int64_t now_ns);

// The host and the sinks, in that shape.
const kz_host *probe_host(probe_shape shape);
const kz_analyzer_sink *probe_analyzer_sink(probe_shape shape);
const kz_applier_sink *probe_applier_sink(probe_shape shape);
const kz_scorer_sink *probe_scorer_sink(probe_shape shape);

// The arguments of a call in a shape other than AS_IS; never freed, so for a few calls only.
const kz_agent_view *probe_view(const kz_agent_view *view, probe_shape shape);
const kz_plan_item *probe_item(const kz_plan_item *item, probe_shape shape);
const kz_tree_view *probe_tree(const kz_tree_view *tree, probe_shape shape);

// `bytes` of `value` in that shape, its first member, `size`, corrected.
const void *probe_lay(const void *value, size_t bytes, probe_shape shape);

// The files of a clone as they were, to lay them out again before each call.
typedef struct probe_files probe_files;
probe_files *probe_files_keep(kz_text root, const kz_text *files, uint32_t count);
void probe_files_restore(const probe_files *files);

// What the process has.
typedef struct {
  uint64_t heap_bytes, resident_bytes, descriptors, threads;
} probe_means;
probe_means probe_measure(void);

// One line to descriptor 5.
void probe_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The scenario that `arguments` name; the exit status.
int probe_run(kzw_channel *channel, int count, char **arguments);

#endif
