// What the files of an instance share; not for users.
#ifndef INSTANCE_H
#define INSTANCE_H

#include <stdatomic.h>

#include "library.h"

typedef enum { CREATED, ACTIVE, CALLING, CHANGING } kzr_state;

struct kzr_instance {
  const kz_descriptor *descriptor;
  const kzr_description *description;
  kzr_library *library;
  void *instance; // the plugin's
  const void *table;
  _Atomic int state;
  kzr_log log;

  kz_host host; // host.context and the sinks' contexts are this struct
  kz_analyzer_sink analyzer_sink;
  kz_applier_sink applier_sink;
  kz_scorer_sink scorer_sink;

  _Atomic int64_t now_ns;
  _Atomic(const kzr_control *) control;
  _Atomic uint64_t call;
  uint64_t random;

  pthread_mutex_t emitting; // what follows, and all events, from whatever thread they come
  bool in_call;
  kzr_events events;
  char *scratch; // where emitted texts are copied before they are looked at
  uint32_t opportunities, findings, notes, logs;
  uint64_t scored;    // bit i: the dimension topics[i] has its score
  kzr_error refused;  // the first value refused in this call; code 0 = none
  uint64_t failure_length;
  char failure[KZ_MESSAGE_BYTES_MAX]; // what host->fail said
};

// Fills in the functions of `self->host` and of its sinks.
void kzr_set_up_host(kzr_instance *self);
void kzr_set_up_sinks(kzr_instance *self);

// Whether the current call is to stop.
bool kzr_is_cancelled(kzr_instance *self);

#endif
