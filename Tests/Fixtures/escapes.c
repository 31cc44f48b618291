// Tries to get out of its sandbox in the way that the opportunity's title names, and notes "held"
// or what it reached. The evidence says where the outside is: {"outside","pid","port","token"}.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "fixture.h"

static char root[1024], outside[1024], token[128], reached[512];
static pid_t daemon_pid;
static int port, shared_key;

// An escape gives 1 where it got out, 0 where it was held.
typedef int (*escape)(void);

static int got(const char *what) {
  snprintf(reached, sizeof reached, "%s", what);
  return 1;
}

static const char *in(const char *folder, const char *name) {
  static char paths[4][2048];
  static int turn;
  char *path = paths[turn++ % 4];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

static int reads(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  char byte;
  if (fd < 0) return 0;
  long count = read(fd, &byte, 1);
  close(fd);
  return count == 1 ? got(path) : 0;
}

static int writes(const char *path) {
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return 0;
  long count = write(fd, "hurt", 4);
  close(fd);
  return count == 4 ? got(path) : 0;
}

// ---- Files

static int dotdot_read(void) {
  char path[4096];
  int length = snprintf(path, sizeof path, "%s", root);
  for (int i = 0; i < 40; i++) length += snprintf(path + length, sizeof path - length, "/..");
  snprintf(path + length, sizeof path - length, "%s/secret.txt", outside);
  return reads(path);
}
static int dotdot_write(void) { return writes(in(root, "../hurt.txt")); }
static int absolute_read(void) { return reads(in(outside, "secret.txt")); }
static int absolute_write(void) { return writes(in(outside, "secret.txt")); }
static int create_beside(void) { return writes(in(outside, "new.txt")); }
static int symlink_file(void) {
  const char *link = in(root, "link-file");
  return symlink(in(outside, "secret.txt"), link) == 0 && (reads(link) || writes(link));
}
static int symlink_folder(void) {
  if (symlink(outside, in(root, "link-folder")) != 0) return 0;
  return reads(in(root, "link-folder/secret.txt")) || writes(in(root, "link-folder/new.txt"));
}
static int symlink_proc(void) {
  const char *link = in(root, "link-proc");
  if (symlink("/proc/1/root", link) != 0) return 0;
  char path[4096];
  snprintf(path, sizeof path, "%s%s/secret.txt", link, outside);
  return reads(path);
}
static int hard_link(void) {
  return link(in(outside, "secret.txt"), in(root, "hard")) == 0 ? got("a hard link") : 0;
}
static int hard_link_system(void) {
  return link("/etc/passwd", in(root, "hard")) == 0 ? got("a hard link to /etc/passwd") : 0;
}
static int rename_out(void) {
  return rename(in(root, "a.py"), in(outside, "a.py")) == 0 ? got("renamed") : 0;
}
static int link_nameless(void) {
  int fd = open(root, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return 0;
  char from[64];
  snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
  return linkat(AT_FDCWD, from, AT_FDCWD, in(outside, "x"), AT_SYMLINK_FOLLOW) == 0 ? got("x") : 0;
}
static int truncate_out(void) { return truncate(in(outside, "secret.txt"), 0) == 0 ? got("0") : 0; }
static int unlink_out(void) { return unlink(in(outside, "secret.txt")) == 0 ? got("gone") : 0; }
static int write_bundle(void) {
  char line[4096];
  FILE *maps = fopen("/proc/self/maps", "re");
  int found = 0;
  while (maps && !found && fgets(line, sizeof line, maps)) {
    char *path = strchr(line, '/');
    if (!path || !strstr(path, "escapes.so")) continue;
    path[strcspn(path, "\n")] = '\0';
    found = writes(path);
    char *end = strrchr(path, '/');
    if (end) strcpy(end, "/planted");
    found = found || writes(path);
  }
  if (maps) fclose(maps);
  return found;
}
static int write_system(void) {
  return writes("/etc/kaizen-probe") || writes("/usr/kaizen-probe") || writes("/kaizen-probe");
}
static int read_shadow(void) { return reads("/etc/shadow"); }
static int handle(void) {
  struct { struct file_handle head; unsigned char bytes[64]; } at = {.head.handle_bytes = 64};
  int mount_id;
  if (name_to_handle_at(AT_FDCWD, root, &at.head, &mount_id, 0) != 0) return 0;
  int folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return open_by_handle_at(folder, &at.head, O_RDONLY) >= 0 ? got("a file by its handle") : 0;
}
static int watch_files(void) {
  return fanotify_init(FAN_CLASS_NOTIF, O_RDONLY) >= 0 ? got("fanotify") : 0;
}

// ---- What lasts: modes, owners, devices

static int setuid_file(void) {
  const char *path = in(root, "suid");
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
  if (fd < 0) return 0;
  close(fd);
  chmod(path, 04755);
  struct stat now;
  return stat(path, &now) == 0 && (now.st_mode & S_ISUID) ? got("a setuid file") : 0;
}
static int setuid_created(void) {
  int fd = open(in(root, "suid2"), O_WRONLY | O_CREAT | O_CLOEXEC, 04755);
  struct stat now;
  return fd >= 0 && fstat(fd, &now) == 0 && (now.st_mode & S_ISUID) ? got("a setuid file") : 0;
}
static int file_capability(void) {
  struct { unsigned int magic, permitted, inheritable, more[2]; } raw = {0x02000001, ~0u, 0, {0, 0}};
  return setxattr(in(root, "a.py"), "security.capability", &raw, sizeof raw, 0) == 0
             ? got("a file capability") : 0;
}
static int give_away(void) { return chown(in(root, "a.py"), 0, 0) == 0 && geteuid() == 0; }
static int device(void) {
  if (mknod(in(root, "disk"), S_IFBLK | 0600, makedev(254, 0)) == 0) return got("a block device");
  return mknod(in(root, "mem"), S_IFCHR | 0600, makedev(1, 1)) == 0 ? got("a device") : 0;
}
static int system_devices(void) {
  return reads("/dev/mem") || reads("/dev/kmsg") || reads("/dev/vda") || reads("/dev/sda") ||
         reads("/dev/loop0");
}

// ---- Other processes

static const char *of_daemon(const char *name) {
  static char path[256];
  snprintf(path, sizeof path, "/proc/%d/%s", daemon_pid, name);
  return path;
}
static int proc_memory(void) { return reads(of_daemon("mem")) || reads(of_daemon("environ")); }
static int proc_root(void) {
  char path[4096];
  for (int pid = 1; pid < 4; pid++) {
    snprintf(path, sizeof path, "/proc/%d/root%s/secret.txt", pid, outside);
    if (reads(path)) return 1;
  }
  return reads(in(of_daemon("root"), "etc/shadow"));
}
static int environment(void) {
  extern char **environ;
  for (char **entry = environ; *entry; entry++) {
    if (strstr(*entry, token)) return got("the daemon's environment");
  }
  return 0;
}
static int descriptors(void) {
  for (int fd = 3; fd < 1024; fd++) {
    struct stat now;
    if (fstat(fd, &now) != 0) continue;
    if (S_ISDIR(now.st_mode) && openat(fd, "..", O_RDONLY | O_CLOEXEC) >= 0) return got("a folder");
    if (S_ISBLK(now.st_mode)) return got("a device");
    char link[64], target[512] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (readlink(link, target, sizeof target - 1) > 0 && strstr(target, outside)) return got(target);
  }
  return 0;
}
static int trace(void) {
  return ptrace(PTRACE_ATTACH, daemon_pid, 0, 0) == 0 || ptrace(PTRACE_SEIZE, 1, 0, 0) == 0
             ? got("ptrace") : 0;
}
static int foreign_memory(void) {
  char byte;
  struct iovec here = {&byte, 1}, there = {(void *)root, 1};
  return process_vm_readv(daemon_pid, &here, 1, &there, 1, 0) == 1 ? got("memory") : 0;
}
static int signals(void) {
  return kill(daemon_pid, SIGUSR1) == 0 || kill(-daemon_pid, SIGUSR1) == 0 ? got("a signal") : 0;
}
static int signals_by_descriptor(void) {
  long fd = syscall(SYS_pidfd_open, daemon_pid, 0);
  if (fd < 0) return 0;
  return syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0) == 0 ? got("a signal") : 0;
}
static int foreign_descriptor(void) {
  long fd = syscall(SYS_pidfd_open, 1, 0);
  return fd >= 0 && syscall(SYS_pidfd_getfd, fd, 0, 0) >= 0 ? got("a descriptor of process 1") : 0;
}
static int shared_memory(void) {
  int id = shmget(shared_key, 0, 0);
  return id >= 0 ? got("shared memory") : 0;
}
static int shared_file(void) {
  char path[256];
  snprintf(path, sizeof path, "/dev/shm/%s", token);
  return reads(path);
}

// ---- Network

static int connects(int family, const void *address, socklen_t length) {
  int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  int result = connect(fd, address, length);
  close(fd);
  return result == 0 ? got("a connection") : 0;
}
static int tcp(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  return connects(AF_INET, &at, sizeof at);
}
static int socket_by_path(void) {
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  snprintf(at.sun_path, sizeof at.sun_path, "%s", in(outside, "s"));
  return connects(AF_UNIX, &at, sizeof at);
}
static int socket_by_name(void) {
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  int length = snprintf(at.sun_path + 1, sizeof at.sun_path - 1, "%s", token);
  return connects(AF_UNIX, &at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length));
}
static int raw_socket(void) {
  return socket(AF_PACKET, SOCK_RAW, 0) >= 0 || socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0
             ? got("a raw socket") : 0;
}
static int machine_socket(void) {
  struct sockaddr_vm at = {.svm_family = AF_VSOCK, .svm_port = 1024, .svm_cid = VMADDR_CID_HOST};
  return socket(AF_VSOCK, SOCK_STREAM, 0) >= 0 ? got("a socket to the hypervisor")
                                               : connects(AF_VSOCK, &at, sizeof at);
}

// ---- The kernel

static int ring(void) {
  char parameters[256] = {0};
  return syscall(SYS_io_uring_setup, 4, parameters) >= 0 ? got("io_uring") : 0;
}
static int mounts(void) {
  if (mount("/", root, NULL, MS_BIND | MS_REC, NULL) == 0) return got("a bind mount");
  if (mount("proc", root, "proc", 0, NULL) == 0) return got("a mount of proc");
  if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL) == 0) return got("a remount");
  return umount2("/proc", MNT_DETACH) == 0 ? got("an unmount") : 0;
}
static int new_mounts(void) {
  return syscall(SYS_open_tree, AT_FDCWD, "/", 1) >= 0 || syscall(SYS_fsopen, "tmpfs", 0) >= 0
             ? got("the new mount calls") : 0;
}
static int user_namespace(void) { return unshare(CLONE_NEWUSER) == 0 ? got("a namespace") : 0; }
static int mount_namespace(void) { return unshare(CLONE_NEWNS) == 0 ? got("a namespace") : 0; }
static int cloned_namespace(void) {
  long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
  if (child == 0) _exit(0);
  return child > 0 ? got("a namespace") : 0;
}
static int other_namespace(void) {
  int fd = open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
  return fd >= 0 && setns(fd, 0) == 0 ? got("another namespace") : 0;
}
static int change_root(void) {
  return chroot(root) == 0 || syscall(SYS_pivot_root, root, root) == 0 ? got("another root") : 0;
}
static int become_root(void) {
  return setuid(0) == 0 || setresuid(0, 0, 0) == 0 || setgid(0) == 0 ? got("root") : 0;
}
static int setuid_program(void) {
  if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return got("new privileges");
  struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {0};
  if (syscall(SYS_capget, &head, data) != 0) return 0;
  return data[0].effective || data[0].permitted || data[1].permitted ? got("capabilities") : 0;
}
static int core_pattern(void) { return writes("/proc/sys/kernel/core_pattern"); }
static int sysrq(void) { return writes("/proc/sysrq-trigger"); }
static int sys_files(void) {
  return writes("/sys/kernel/uevent_helper") || writes("/sys/power/state") ||
         writes("/proc/sys/vm/drop_caches");
}
static int control_groups(void) {
  return writes("/sys/fs/cgroup/cgroup.procs") || writes("/sys/fs/cgroup/memory/release_agent") ||
         mkdir("/sys/fs/cgroup/kaizen-escape", 0755) == 0;
}
static int programs_in_kernel(void) {
  union bpf_attr attributes = {.map_type = BPF_MAP_TYPE_ARRAY};
  attributes.key_size = 4, attributes.value_size = 4, attributes.max_entries = 1;
  return syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes) >= 0 ? got("bpf") : 0;
}
static int keys(void) {
  return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1) >= 0 ? got("keys") : 0;
}
static int counters(void) {
  struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attributes};
  return syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0) >= 0 ? got("perf events") : 0;
}
static int faults(void) { return syscall(SYS_userfaultfd, 0) >= 0 ? got("userfaultfd") : 0; }
static int terminal_input(void) {
  char byte = '!';
  for (int fd = 0; fd < 3; fd++) {
    if (ioctl(fd, TIOCSTI, &byte) == 0) return got("a terminal's input");
  }
  int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
  return fd >= 0 && ioctl(fd, TIOCSTI, &byte) == 0 ? got("a terminal's input") : 0;
}
static int machine(void) {
  struct timeval now = {1, 0};
  return settimeofday(&now, NULL) == 0 || swapon("/etc/passwd", 0) == 0 ||
                 syscall(SYS_init_module, NULL, 0, "") == 0 ||
                 syscall(SYS_kexec_load, 0, 0, NULL, 0) == 0
             ? got("the machine") : 0;
}
static int more_resources(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max > 1 << 20) return got("unlimited descriptors");
  limit.rlim_cur = limit.rlim_max = limit.rlim_max + 1;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? got("more descriptors than allowed") : 0;
}
static int large_file(void) {
  int fd = open(in(root, "large"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return 0;
  signal(SIGXFSZ, SIG_IGN);
  long count = pwrite(fd, "x", 1, 1L << 42);
  ftruncate(fd, 0);
  close(fd);
  return count == 1 ? got("a file of 4 TiB") : 0;
}
// Another architecture's calls mean something else; the filter ends the process, here a child.
static int other_architecture(void) {
#if defined(__x86_64__)
  pid_t child = fork();
  if (child < 0) return 0;
  if (child == 0) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");  // getpid of i386
    _exit(result > 0 ? 7 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 7 ? got("calls of i386") : 0;
#else
  return 0;
#endif
}
// A process of its own session that goes on after the call, and would write then.
static int outlive(void) {
  if (fork() != 0) return 0;
  setsid();
  if (fork() != 0) _exit(0);
  int fd = open(in(root, "lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  flock(fd, LOCK_EX);
  for (int i = 0; i < 600; i++) usleep(100000);
  writes(in(root, "late.txt"));
  _exit(0);
}

static const struct { const char *name; escape run; } escapes[] = {
#define ESCAPE(name) {#name, name}
    ESCAPE(dotdot_read), ESCAPE(dotdot_write), ESCAPE(absolute_read), ESCAPE(absolute_write),
    ESCAPE(create_beside), ESCAPE(symlink_file), ESCAPE(symlink_folder), ESCAPE(symlink_proc),
    ESCAPE(hard_link), ESCAPE(hard_link_system), ESCAPE(rename_out), ESCAPE(link_nameless),
    ESCAPE(truncate_out), ESCAPE(unlink_out), ESCAPE(write_bundle), ESCAPE(write_system),
    ESCAPE(read_shadow), ESCAPE(handle), ESCAPE(watch_files), ESCAPE(setuid_file),
    ESCAPE(setuid_created), ESCAPE(file_capability), ESCAPE(give_away), ESCAPE(device),
    ESCAPE(system_devices), ESCAPE(proc_memory), ESCAPE(proc_root), ESCAPE(environment),
    ESCAPE(descriptors), ESCAPE(trace), ESCAPE(foreign_memory), ESCAPE(signals),
    ESCAPE(signals_by_descriptor), ESCAPE(foreign_descriptor), ESCAPE(shared_memory),
    ESCAPE(shared_file), ESCAPE(tcp), ESCAPE(socket_by_path), ESCAPE(socket_by_name),
    ESCAPE(raw_socket), ESCAPE(machine_socket), ESCAPE(ring), ESCAPE(mounts), ESCAPE(new_mounts),
    ESCAPE(user_namespace), ESCAPE(mount_namespace), ESCAPE(cloned_namespace),
    ESCAPE(other_namespace), ESCAPE(change_root), ESCAPE(become_root), ESCAPE(setuid_program),
    ESCAPE(core_pattern), ESCAPE(sysrq), ESCAPE(sys_files), ESCAPE(control_groups),
    ESCAPE(programs_in_kernel), ESCAPE(keys), ESCAPE(counters), ESCAPE(faults),
    ESCAPE(terminal_input), ESCAPE(machine), ESCAPE(more_resources), ESCAPE(large_file),
    ESCAPE(other_architecture), ESCAPE(outlive),
};

// The text or number at `key` of the evidence, which has neither blanks nor escapes.
static void member(kz_text json, const char *key, char *into, size_t size) {
  char text[4096], quoted[64];
  snprintf(text, sizeof text, "%.*s", (int)json.length, json.data);
  snprintf(quoted, sizeof quoted, "\"%s\":", key);
  const char *at = strstr(text, quoted);
  into[0] = '\0';
  if (!at) return;
  at += strlen(quoted);
  if (*at == '"') at++;
  snprintf(into, size, "%.*s", (int)strcspn(at, "\",}"), at);
}

APPLY(apply) {
  (void)instance;
  char number[32], note[1024];
  snprintf(root, sizeof root, "%.*s", (int)item->root.length, item->root.data);
  member(item->evidence_json, "outside", outside, sizeof outside);
  member(item->evidence_json, "token", token, sizeof token);
  member(item->evidence_json, "pid", number, sizeof number), daemon_pid = atoi(number);
  member(item->evidence_json, "port", number, sizeof number), port = atoi(number);
  member(item->evidence_json, "key", number, sizeof number), shared_key = atoi(number);
  for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
    if (!kz_text_is(item->title, escapes[i].name)) continue;
    snprintf(note, sizeof note, "%s", "held");
    if (escapes[i].run()) snprintf(note, sizeof note, "reached %s", reached);
    return sink->note(sink, kz_text_of(note));
  }
  host->fail(host, kz_text_of("no such escape"));
  return KZ_FAILED;
}

APPLIER("escapes", "code_smell", apply)
