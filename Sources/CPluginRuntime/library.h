// What the loader's files share; not for users.
#ifndef LIBRARY_H
#define LIBRARY_H

#include <pthread.h>

#include "plugin_runtime.h"

typedef struct {
  kzr_description description;    // checked copy
  const kz_descriptor *descriptor; // the plugin's own
} kzr_loaded;

struct kzr_library {
  kzr_library *next;
  void *handle; // from dlopen; equal handles are the same library
  char *path;
  pthread_mutex_t lifecycle; // held around every [main] function of the contract (R4)
  kzr_loaded *components;
  uint32_t count;
  kz_host host; // the one given to the entry
};

// The part of a host that needs no instance.
int64_t kzr_wall_now_ns(void);
const void *kzr_no_extension(const kz_host *host, kz_text id);

#endif
