// kaizen-confine REQUEST_FD CHANNEL_FD
//
// Sets up a sandbox as the request says, runs one command in it and reports over the channel, a
// SOCK_SEQPACKET socket whose other end the daemon holds. Three processes:
//
//   supervisor  outside: makes cgroup and namespaces, keeps the time, ends everything when the
//               daemon asks for it or is gone, removes the cgroup
//   init        pid 1 of the sandbox: builds its file system, reaps; when it ends the kernel kills
//               every other process in there
//   command     drops what it may do step by step, then executes the program
//
// Single threaded throughout. Descriptors are CLOEXEC from the moment they exist.
#ifndef CONFINE_H
#define CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

enum {
  REQUEST_BYTES_MAX = 1 << 20,
  MOUNTS_MAX = 128,
  WORDS_MAX = 4096,
  ENVIRONMENT_MAX = 512,
  KEPT_FDS_MAX = 16,
  RECORD_BYTES_MAX = 8192,
  SETUP_FAILED = 125,  // exit status after a failure that was reported
};

enum access { READ_ONLY, WRITABLE, THROWAWAY, EMPTY };

// One place in the sandbox's file system, and what is seen there.
struct place {
  enum access access;
  bool as_owner;       // files of the source's owner belong to the command: an ID-mapped mount
  const char *source;  // "" for EMPTY
  const char *at;
  int userns;  // of the ID mapping, or -1
  int tree;    // the clone of the source, or -1
};

struct request {
  char level;  // 'A', 'B' or 'C'
  pid_t parent;
  uint64_t timeout_ms;  // 0: none
  uid_t uid;            // of the command where the daemon is root
  gid_t gid;
  // What limits memory and processes: 0 rlimits, 1 or 2 the version of cgroups.
  int cgroup_version;
  const char *cgroup_memory;  // v1: parent in the memory hierarchy; v2: the parent
  const char *cgroup_pids;    // v1 only
  uint64_t memory_bytes, processes, file_bytes, open_files, cpu_seconds, scratch_bytes;
  struct place places[MOUNTS_MAX];
  size_t place_count;
  int kept_fds[KEPT_FDS_MAX];
  size_t kept_count;
  const char *directory;
  char *words[WORDS_MAX + 1];
  size_t word_count;
  char *environment[ENVIRONMENT_MAX + 1];
  size_t environment_count;
};

// The command's own scratch places; they are fresh and empty in every sandbox.
#define SANDBOX_HOME "/run/home"

extern int channel;         // to the daemon
extern int failure_signal;  // in the command: tells init of a failure before exec; else -1
extern void (*on_failure)(void);  // in the supervisor: what it must undo; else NULL

// report.c
void report(const char *const *fields, size_t count);
void report_killed(const char *why, const struct rusage *usage);
void report_exit(int status, const struct rusage *usage);
void report_note(const char *feature, const char *state, const char *reason);
_Noreturn void die(const char *call, const char *what, const char *fix);
_Noreturn void die_code(const char *call, int code, const char *what, const char *fix);

// request.c
void request_read(int fd, struct request *request);

// cgroup.c: v1 or v2; every failure falls back to rlimits and is noted
void cgroup_create(struct request *request);
void cgroup_join(void);
void cgroup_remove(void);
void cgroup_finish(void);

// idmap.c
void idmap_prepare(struct request *request);

// mounts.c: new mounts are descriptors until they are attached
struct mount_option {
  const char *key, *value;  // without a value: a flag
};
extern const char mount_fix[];
int mount_new(const char *type, const struct mount_option *options, unsigned int attributes);
int mount_clone(int directory, const char *path, bool recursive, bool read_only, int userns);
int mount_target(int root, const char *at, bool directory);
void mount_attach(int tree, int target, const char *at);

// root.c
void root_build(struct request *request, bool user_namespace);

// network.c
void network_up(void);

// limits.c
void limits_apply(const struct request *request);

// privileges.c
void privileges_map_user(uid_t uid, gid_t gid);
void privileges_drop(const struct request *request, bool root);

// landlock.c
void landlock_apply(const struct request *request);

// seccomp.c
void seccomp_apply(const struct request *request);

// init.c
_Noreturn void init_run(struct request *request, bool root, int supervisor_pidfd);

// command.c
_Noreturn void command_run(struct request *request, bool root, bool namespaces);

// supervisor.c
int supervise(struct request *request);

#endif
