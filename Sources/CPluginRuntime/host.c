// What a plugin asks its host for.
#include "instance.h"

static kzr_instance *of(const kz_host *host) { return host->context; }

static void host_log(const kz_host *host, uint32_t level, kz_text message) {
  kzr_instance *self = of(host);
  char text[KZ_MESSAGE_BYTES_MAX];
  kz_text copy = {text, kzr_repair(message, text, sizeof text)};
  if (level < KZ_LOG_DEBUG || level > KZ_LOG_ERROR) level = KZ_LOG_ERROR;
  pthread_mutex_lock(&self->emitting);
  if (self->logs++ < KZ_LOGS_MAX && self->log.log) self->log.log(self->log.context, level, copy);
  pthread_mutex_unlock(&self->emitting);
}

static void host_progress(const kz_host *host, double fraction) {
  kzr_instance *self = of(host);
  if (!(fraction >= 0)) fraction = 0; // NaN too: progress is for people, not worth failing for
  if (fraction > 1) fraction = 1;
  pthread_mutex_lock(&self->emitting);
  if (self->in_call && self->events.progress) {
    self->events.progress(self->events.context, fraction);
  }
  pthread_mutex_unlock(&self->emitting);
}

bool kzr_is_cancelled(kzr_instance *self) {
  return kzr_control_cancelled(atomic_load_explicit(&self->control, memory_order_relaxed),
                               atomic_load_explicit(&self->call, memory_order_relaxed));
}

static int32_t host_should_stop(const kz_host *host) { return kzr_is_cancelled(of(host)); }

static void host_fail(const kz_host *host, kz_text message) {
  kzr_instance *self = of(host);
  pthread_mutex_lock(&self->emitting);
  self->failure_length = kzr_repair(message, self->failure, sizeof self->failure);
  pthread_mutex_unlock(&self->emitting);
}

static int64_t host_now(const kz_host *host) {
  return atomic_load_explicit(&of(host)->now_ns, memory_order_relaxed);
}

// SplitMix64, https://prng.di.unimi.it/splitmix64.c
static uint64_t host_random(const kz_host *host) {
  uint64_t z = (of(host)->random += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

void kzr_set_up_host(kzr_instance *self) {
  self->host = (kz_host){.size = sizeof(kz_host),
                         .context = self,
                         .log = host_log,
                         .progress = host_progress,
                         .should_stop = host_should_stop,
                         .fail = host_fail,
                         .now_ns = host_now,
                         .random_u64 = host_random,
                         .extension = kzr_no_extension};
}
