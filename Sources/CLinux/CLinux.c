#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

int kzl_memfd_create(const char *name, unsigned int flags) { return memfd_create(name, flags); }

int kzl_renameat2(int olddir, const char *old, int newdir, const char *new_, unsigned int flags) {
  return (int)syscall(SYS_renameat2, olddir, old, newdir, new_, flags);
}

int64_t kzl_file_system_type(int fd) {
  struct statfs info;
  return fstatfs(fd, &info) == 0 ? (int64_t)info.f_type : -1;
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

int kzl_add_seals(int fd, int seals) { return fcntl(fd, F_ADD_SEALS, seals); }

// Room for the descriptors of one message, aligned as cmsg(3) asks.
union control {
  char bytes[CMSG_SPACE(sizeof(int) * KZL_FDS_MAX)];
  struct cmsghdr align;
};

ssize_t kzl_send_with_fds(int socket, const void *bytes, size_t count, const int *fds,
                          unsigned int fd_count, int flags) {
  if (fd_count > KZL_FDS_MAX) return errno = E2BIG, -1;
  union control control;
  memset(&control, 0, sizeof control);
  struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (fd_count > 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
    memcpy(CMSG_DATA(header), fds, sizeof(int) * fd_count);
  }
  return sendmsg(socket, &message, flags | MSG_NOSIGNAL);
}

// Copies the descriptors of a received message out; there is at most one such header.
static unsigned int take_fds(struct msghdr *message, int *fds) {
  unsigned int count = 0;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
       header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t bytes = header->cmsg_len - CMSG_LEN(0);
    for (size_t i = 0; i < bytes / sizeof(int) && count < KZL_FDS_MAX; i++)
      memcpy(&fds[count++], CMSG_DATA(header) + i * sizeof(int), sizeof(int));
  }
  return count;
}

ssize_t kzl_recv_with_fds(int socket, void *bytes, size_t capacity, int *fds,
                          unsigned int *fd_count, int flags) {
  union control control;
  struct iovec part = {.iov_base = bytes, .iov_len = capacity};
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  *fd_count = 0;
  ssize_t count = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
  if (count < 0) return -1;
  *fd_count = take_fds(&message, fds);
  if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
    while (*fd_count > 0) close(fds[--*fd_count]);
    return errno = EMSGSIZE, -1;
  }
  return count;
}
