#include "plugin_control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct kzr_control {
  _Atomic uint64_t cancelled; // the highest call that is to stop; 0 = none
};

enum { PAGE_BYTES = 4096 };

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010 // fcntl(2), Linux 5.1
#endif

kzr_control *kzr_control_create(int *fd, kzr_error *error) {
  int file = memfd_create("kaizen-control", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0 || ftruncate(file, PAGE_BYTES) != 0) {
    kzr_fail(error, KZR_SYSTEM, "memfd_create for a control page: %s", strerror(errno));
    if (file >= 0) close(file);
    return NULL;
  }
  void *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  // After the mapping: from now on others can only map it for reading, and not shrink it, which
  // would turn our own reads into SIGBUS.
  int seals = F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (page == MAP_FAILED || fcntl(file, F_ADD_SEALS, seals) != 0) {
    kzr_fail(error, KZR_SYSTEM, "mapping a control page: %s", strerror(errno));
    if (page != MAP_FAILED) munmap(page, PAGE_BYTES);
    close(file);
    return NULL;
  }
  if (fd) {
    *fd = file;
  } else {
    close(file);
  }
  return page;
}

kzr_control *kzr_control_attach(int fd, kzr_error *error) {
  struct stat status;
  if (fstat(fd, &status) != 0 || status.st_size != PAGE_BYTES) {
    kzr_fail(error, KZR_PROTOCOL, "descriptor %d is no control page of %d bytes", fd, PAGE_BYTES);
    return NULL;
  }
  void *page = mmap(NULL, PAGE_BYTES, PROT_READ, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) {
    kzr_fail(error, KZR_SYSTEM, "mapping the control page: %s", strerror(errno));
    return NULL;
  }
  return page;
}

void kzr_control_cancel(kzr_control *control, uint64_t call) {
  uint64_t old = atomic_load_explicit(&control->cancelled, memory_order_relaxed);
  while (old < call && !atomic_compare_exchange_weak(&control->cancelled, &old, call)) {
  }
}

bool kzr_control_cancelled(const kzr_control *control, uint64_t call) {
  if (!control) return false;
  return atomic_load_explicit(&control->cancelled, memory_order_relaxed) >= call;
}

void kzr_control_free(kzr_control *control) {
  if (control) munmap(control, PAGE_BYTES);
}
