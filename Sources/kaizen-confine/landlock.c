// Landlock: once more, and by another part of the kernel, what may be read and written. As good as
// the kernel's ABI allows. Constants by hand: the system's headers may be older than the kernel.
// https://docs.kernel.org/userspace-api/landlock.html
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine.h"

enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };

enum {
  EXECUTE = 1 << 0,
  WRITE_FILE = 1 << 1,
  READ_FILE = 1 << 2,
  READ_DIR = 1 << 3,
  REFER = 1 << 13,      // ABI 2
  TRUNCATE = 1 << 14,   // ABI 3
  IOCTL_DEV = 1 << 15,  // ABI 5
  ALL_ABI_1 = (1 << 13) - 1,
  LOOK = EXECUTE | READ_FILE | READ_DIR,
  OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV,
};

struct ruleset {
  uint64_t files;
  uint64_t network;  // ABI 4: bind 1, connect 2
  uint64_t scopes;   // ABI 6: abstract sockets 1, signals 2
};

struct __attribute__((packed)) rule {
  uint64_t allowed;
  int32_t parent;
};

static uint64_t files_of(long abi) {
  return ALL_ABI_1 | (abi >= 2 ? REFER : 0) | (abi >= 3 ? TRUNCATE : 0) |
         (abi >= 5 ? IOCTL_DEV : 0);
}

// Nothing there: nothing to allow.
static void allow(int ruleset, const char *path, uint64_t rights) {
  struct rule rule = {.parent = open(path, O_PATH | O_CLOEXEC)};
  struct stat status;
  if (rule.parent < 0) return;
  bool directory = fstat(rule.parent, &status) == 0 && S_ISDIR(status.st_mode);
  rule.allowed = directory ? rights : rights & OF_FILES;
  if (syscall(ADD_RULE, ruleset, 1, &rule, 0) != 0) die("landlock_add_rule", path, "");
  close(rule.parent);
}

static void allow_places(int ruleset, const struct request *request, uint64_t all) {
  for (size_t i = 0; i < request->place_count; i++) {
    const struct place *place = &request->places[i];
    allow(ruleset, place->at, place->access == READ_ONLY ? (uint64_t)LOOK : all);
  }
}

// Level A: everything that is mounted may be read, the fresh places and writable trees written.
static void allow_mounted(int ruleset, const struct request *request, uint64_t all) {
  allow(ruleset, "/", LOOK);
  allow(ruleset, "/dev", all & (LOOK | WRITE_FILE | TRUNCATE | IOCTL_DEV));
  allow(ruleset, "/dev/shm", all);
  allow(ruleset, "/tmp", all);
  allow(ruleset, SANDBOX_HOME, all);
  allow_places(ruleset, request, all);
}

// Level B: there is nothing else between the command and the host's files.
static void allow_listed(int ruleset, const struct request *request, uint64_t all) {
  static const char *const system[] = {"/usr",   "/etc",   "/bin",   "/sbin", "/lib",
                                       "/lib32", "/lib64", "/libx32", "/proc"};
  static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random",
                                        "/dev/urandom"};
  for (size_t i = 0; i < sizeof system / sizeof *system; i++) allow(ruleset, system[i], LOOK);
  for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) allow(ruleset, devices[i], all);
  allow_places(ruleset, request, all);
}

void landlock_apply(const struct request *request) {
  bool alone = request->level == 'B';
  long abi = syscall(CREATE_RULESET, NULL, 0, 1);  // LANDLOCK_CREATE_RULESET_VERSION
  if (abi < 1) {
    const char fix[] = "use a kernel with Landlock enabled (lsm=landlock,...)";
    if (alone) die("landlock_create_ruleset", "Landlock", fix);
    report_note("landlock", "none", strerrordesc_np(errno));
    return;
  }
  // At level A the network namespace has only loopback, which tests may use.
  struct ruleset attributes = {.files = files_of(abi),
                               .network = alone && abi >= 4 ? 3 : 0,
                               .scopes = abi >= 6 ? 3 : 0};
  size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  int ruleset = (int)syscall(CREATE_RULESET, &attributes, size, 0);
  if (ruleset < 0) die("landlock_create_ruleset", "Landlock", "");
  if (alone) allow_listed(ruleset, request, attributes.files);
  else allow_mounted(ruleset, request, attributes.files);
  if (syscall(RESTRICT_SELF, ruleset, 0) != 0) die("landlock_restrict_self", "Landlock", "");
  close(ruleset);
  char version[24];
  snprintf(version, sizeof version, "%ld", abi);
  report_note("landlock", version, "");
}
