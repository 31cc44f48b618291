// Limits of one process by setrlimit(2). Memory and processes only where no cgroup holds them.
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

#include "confine.h"

static void limit(int which, uint64_t value, const char *name) {
  struct rlimit now;
  if (getrlimit(which, &now) != 0) die("getrlimit", name, "");
  // Never above what the daemon itself has: raising it needs a capability.
  rlim_t wanted = value < now.rlim_max ? (rlim_t)value : now.rlim_max;
  struct rlimit next = {wanted, wanted};
  if (setrlimit(which, &next) != 0) die("setrlimit", name, "");
}

void limits_apply(const struct request *request) {
  limit(RLIMIT_CORE, 0, "CORE");
  if (request->file_bytes) limit(RLIMIT_FSIZE, request->file_bytes, "FSIZE");
  if (request->open_files) limit(RLIMIT_NOFILE, request->open_files, "NOFILE");
  if (request->cpu_seconds) limit(RLIMIT_CPU, request->cpu_seconds, "CPU");
  if (request->cgroup_version != 0) return;
  // DATA, not AS: since Linux 4.7 it counts private writable pages, and runtimes that only reserve
  // address space (Go, V8, the JVM) still start.
  if (request->memory_bytes) limit(RLIMIT_DATA, request->memory_bytes, "DATA");
  // One more for the sandbox's init, which has the same uid.
  if (request->processes) limit(RLIMIT_NPROC, request->processes + 1, "NPROC");
}
