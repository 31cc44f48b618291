// What Swift's Glibc module does not show of Linux, as plain functions over the system calls.
// Each returns what the call returns, with errno set on -1.
#ifndef CLINUX_H
#define CLINUX_H

#include <stdint.h>
#include <sys/types.h>
#include <sys/xattr.h>

int kzl_memfd_create(const char *name, unsigned int flags);               // memfd_create(2)
int kzl_renameat2(int olddir, const char *old, int newdir, const char *new_,
                  unsigned int flags);                                     // renameat2(2)
int64_t kzl_file_system_type(int fd);                                      // fstatfs(2): f_type
int kzl_syncfs(int fd);                                                    // syncfs(2)
int kzl_pidfd_open(pid_t pid);                                             // pidfd_open(2)
int kzl_pidfd_send_signal(int pidfd, int signal);                          // pidfd_send_signal(2)
int kzl_close_range(unsigned int first, unsigned int last, unsigned int flags);
int kzl_openat2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);

// One datagram with `fd_count` (at most KZL_FDS_MAX) descriptors by SCM_RIGHTS, see unix(7).
// `fds` of the receiver has room for KZL_FDS_MAX; what arrives is CLOEXEC. A datagram that does
// not fit gives EMSGSIZE and its descriptors are closed. Flags as in sendmsg(2) and recvmsg(2).
ssize_t kzl_send_with_fds(int socket, const void *bytes, size_t count, const int *fds,
                          unsigned int fd_count, int flags);
ssize_t kzl_recv_with_fds(int socket, void *bytes, size_t capacity, int *fds,
                          unsigned int *fd_count, int flags);
int kzl_add_seals(int fd, int seals);                                      // fcntl(2), F_ADD_SEALS

// Who is at the other end of a connected Unix socket, as at connect(2): SO_PEERCRED, unix(7).
int kzl_peer_credentials(int socket, pid_t *pid, uid_t *uid, gid_t *gid);
int kzl_signal_descriptor(const void *signals);                            // signalfd(2) of a sigset_t
// Takes one signal off it: its number, and whether the kernel itself sent it (as a terminal does).
int kzl_read_signal(int fd, int *number, int *from_kernel);

// Macros that Swift cannot import.
enum {
  KZL_FDS_MAX = 16,
  KZL_MFD_CLOEXEC = 1,
  KZL_MFD_ALLOW_SEALING = 2,
  KZL_SEAL_SEAL = 1,
  KZL_SEAL_SHRINK = 2,
  KZL_SEAL_GROW = 4,
  KZL_SEAL_WRITE = 8,
  KZL_RENAME_NOREPLACE = 1,
  KZL_RENAME_EXCHANGE = 2,
  KZL_RESOLVE_NO_XDEV = 0x01,
  KZL_RESOLVE_NO_MAGICLINKS = 0x02,
  KZL_RESOLVE_NO_SYMLINKS = 0x04,
  KZL_RESOLVE_BENEATH = 0x08,
};

#endif
