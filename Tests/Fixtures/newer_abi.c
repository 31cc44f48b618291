// Speaks a major of the contract that does not exist yet.
#include <stddef.h>

const void *kz_plugin_entry_v2(const void *host, unsigned index) {
  (void)host, (void)index;
  return NULL;
}
