#include "CLinux.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int kzl_memfd_create(const char *name, unsigned int flags) { return memfd_create(name, flags); }

int kzl_renameat2(int olddir, const char *old, int newdir, const char *new_, unsigned int flags) {
  return (int)syscall(SYS_renameat2, olddir, old, newdir, new_, flags);
}

int kzl_syncfs(int fd) { return syncfs(fd); }

int kzl_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int kzl_pidfd_send_signal(int pidfd, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int kzl_close_range(unsigned int first, unsigned int last, unsigned int flags) {
  return (int)syscall(SYS_close_range, first, last, flags);
}

int kzl_openat2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
  return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}
