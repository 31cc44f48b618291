// What Swift's Glibc module does not show of Linux, as plain functions over the system calls.
// Each returns what the call returns, with errno set on -1.
#ifndef CLINUX_H
#define CLINUX_H

#include <stdint.h>
#include <sys/types.h>

int kzl_memfd_create(const char *name, unsigned int flags);               // memfd_create(2)
int kzl_renameat2(int olddir, const char *old, int newdir, const char *new_,
                  unsigned int flags);                                     // renameat2(2)
int kzl_syncfs(int fd);                                                    // syncfs(2)
int kzl_pidfd_open(pid_t pid);                                             // pidfd_open(2)
int kzl_pidfd_send_signal(int pidfd, int signal);                          // pidfd_send_signal(2)
int kzl_close_range(unsigned int first, unsigned int last, unsigned int flags);
int kzl_openat2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);

// Macros that Swift cannot import.
enum {
  KZL_RENAME_NOREPLACE = 1,
  KZL_RENAME_EXCHANGE = 2,
  KZL_RESOLVE_NO_XDEV = 0x01,
  KZL_RESOLVE_NO_MAGICLINKS = 0x02,
  KZL_RESOLVE_NO_SYMLINKS = 0x04,
  KZL_RESOLVE_BENEATH = 0x08,
};

#endif
