// Has the entry, and nothing behind it.
#include "kaizen_plugin.h"

const kz_descriptor *kz_plugin_entry_v1(const kz_host *host, uint32_t index) {
  (void)host, (void)index;
  return NULL;
}
