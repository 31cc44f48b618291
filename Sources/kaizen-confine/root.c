// The sandbox's root: the system read-only, the places asked for, a fresh /tmp, /proc, /dev, home.
// All that is new lies on one tmpfs, the scratch, whose size is all that can be written besides
// writable trees.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine.h"

// Where the scratch is attached while the root is built, in this mount namespace only. Sources
// below it are cloned before it hides them.
#define SCRATCH "/tmp"

// What stays the same while a root is built.
struct builder {
  const struct request *request;
  int scratch, root;
  bool user_namespace;
  uid_t uid;  // of the command
  gid_t gid;
};

static void make_directory(int parent, const char *name, mode_t mode, uid_t uid, gid_t gid) {
  if (mkdirat(parent, name, 0700) != 0) die("mkdir", name, mount_fix);
  if (fchownat(parent, name, uid, gid, AT_SYMLINK_NOFOLLOW) != 0) die("chown", name, mount_fix);
  if (fchmodat(parent, name, mode & 07777, 0) != 0) die("chmod", name, mount_fix);
}

static void attach(const struct builder *builder, int tree, const char *at, bool directory) {
  mount_attach(tree, mount_target(builder->root, at, directory), at);
  close(tree);
}

// A folder of the scratch that belongs to the command, shown at a place of its own.
static void show_scratch(const struct builder *builder, const char *name, mode_t mode,
                         const char *at) {
  make_directory(builder->scratch, name, mode, builder->uid, builder->gid);
  attach(builder, mount_clone(builder->scratch, name, false, false, -1), at, true);
}

static void show_system(const struct builder *builder) {
  static const char *const names[] = {"usr",   "etc",   "bin",   "sbin",
                                      "lib",   "lib32", "lib64", "libx32"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[16], link[256];
    snprintf(path, sizeof path, "/%s", names[i]);
    ssize_t length = readlink(path, link, sizeof link - 1);
    if (length > 0) {  // /bin -> usr/bin and its like, as the system has them
      link[length] = '\0';
      if (symlinkat(link, builder->root, names[i]) != 0) die("symlink", path, mount_fix);
    } else if (access(path, F_OK) == 0) {
      attach(builder, mount_clone(AT_FDCWD, path, true, true, -1), path, true);
    }
  }
}

// /proc shows the sandbox's own processes. The mount is read-only as a whole, and with it
// /proc/sys, sysrq-trigger, irq and bus; what goes by way of /proc/self/fd keeps its own mount.
static void show_proc(const struct builder *builder) {
  int proc = mount_new(
      "proc", NULL, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  attach(builder, proc, "/proc", true);
}

static void show_devices(const struct builder *builder) {
  static const char *const names[] = {"null", "zero", "full", "random", "urandom"};
  static const char *const links[][2] = {{"/proc/self/fd", "dev/fd"},
                                         {"/proc/self/fd/0", "dev/stdin"},
                                         {"/proc/self/fd/1", "dev/stdout"},
                                         {"/proc/self/fd/2", "dev/stderr"},
                                         {"/tmp", "var/tmp"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[16];
    snprintf(path, sizeof path, "/dev/%s", names[i]);
    // Not by mount_clone: these alone must stay devices.
    int device = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (device < 0) die("open_tree", path, "give the daemon a /dev with the usual devices");
    attach(builder, device, path, false);
  }
  if (mkdirat(builder->root, "var", 0755) != 0) die("mkdir", "/var", mount_fix);
  for (size_t i = 0; i < sizeof links / sizeof *links; i++)
    if (symlinkat(links[i][0], builder->root, links[i][1]) != 0)
      die("symlink", links[i][1], mount_fix);
}

// A throw-away view of a tree. The root of the upper layer is the root that is seen, so it has the
// owner and the mode of the tree's root.
static int overlay(const struct builder *builder, int lower, mode_t mode, size_t index) {
  char name[4][40], path[3][200];
  static const char *const parts[] = {"lower%zu", "layer%zu", "layer%zu/work", "layer%zu/upper"};
  for (int i = 0; i < 4; i++) {
    snprintf(name[i], sizeof name[i], parts[i], index);
    bool upper = i == 3;
    make_directory(builder->scratch, name[i], upper ? mode : 0700, upper ? builder->uid : geteuid(),
                   upper ? builder->gid : getegid());
  }
  int at = openat(builder->scratch, name[0], O_PATH | O_CLOEXEC);
  if (at < 0) die("open", name[0], mount_fix);
  mount_attach(lower, at, name[0]);  // goes with the old root
  close(lower);
  static const int layers[] = {0, 2, 3};
  for (int i = 0; i < 3; i++)
    snprintf(path[i], sizeof path[i], SCRATCH "/%s", name[layers[i]]);
  // A directory of the lower layer can be renamed only with redirect_dir, which needs privilege
  // (else EXDEV): docs.kernel.org/filesystems/overlayfs.html
  const struct mount_option options[] = {
      {"source", "kaizen"},
      {"lowerdir", path[0]},
      {"workdir", path[1]},
      {"upperdir", path[2]},
      {builder->user_namespace ? "userxattr" : "redirect_dir",
       builder->user_namespace ? NULL : "on"},
      {NULL, NULL},
  };
  return mount_new("overlay", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

static void clone_sources(struct request *request, bool user_namespace) {
  for (size_t i = 0; i < request->place_count; i++) {
    struct place *place = &request->places[i];
    if (place->access == EMPTY) continue;
    bool recursive = user_namespace || !place->as_owner;
    place->tree = mount_clone(AT_FDCWD, place->source, recursive, place->access != WRITABLE,
                              place->userns);
  }
}

static void show_place(const struct builder *builder, const struct place *place, size_t index) {
  char name[32];
  snprintf(name, sizeof name, "empty%zu", index);
  if (place->access == EMPTY) {
    show_scratch(builder, name, 0755, place->at);
    return;
  }
  struct stat status;
  if (fstat(place->tree, &status) != 0) die("fstat", place->source, "");
  bool directory = S_ISDIR(status.st_mode);
  int tree = place->tree;
  if (place->access == THROWAWAY) {
    if (!directory) die_code("overlay", ENOTDIR, place->source, "show single files read-only");
    tree = overlay(builder, tree, status.st_mode, index);
  }
  attach(builder, tree, place->at, directory);
}

static void make_scratch(struct builder *builder) {
  char size[24], inodes[24];
  uint64_t bytes = builder->request->scratch_bytes;
  snprintf(size, sizeof size, "%llu", (unsigned long long)bytes);
  // A file an empty page: bounds the memory that files without content take.
  snprintf(inodes, sizeof inodes, "%llu", (unsigned long long)(bytes / 4096 + 256));
  const struct mount_option options[] = {
      {"source", "kaizen"}, {"size", size}, {"nr_inodes", inodes}, {"mode", "0755"}, {NULL, NULL}};
  builder->scratch = mount_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  int at = open(SCRATCH, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (at < 0) die("open", SCRATCH, "make the directory /tmp");
  mount_attach(builder->scratch, at, SCRATCH);
  make_directory(builder->scratch, "root", 0755, geteuid(), getegid());
  builder->root = mount_clone(builder->scratch, "root", false, false, -1);
  int root = openat(builder->scratch, "root", O_PATH | O_CLOEXEC);
  if (root < 0) die("open", "the new root", mount_fix);
  mount_attach(builder->root, root, "the new root");
}

// pivot_root(2), "pivot_root(".", ".")": the old root comes to lie on top and is detached, with
// the scratch and the lower layers in it.
static void enter(const struct builder *builder) {
  struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
  if (mount_setattr(builder->root, "", AT_EMPTY_PATH, &read_only, sizeof read_only) != 0)
    die("mount_setattr", "the new root", mount_fix);
  if (fchdir(builder->root) != 0) die("fchdir", "the new root", mount_fix);
  if (syscall(SYS_pivot_root, ".", ".") != 0) die("pivot_root", "the new root", mount_fix);
  if (umount2(".", MNT_DETACH) != 0) die("umount2", "the old root", mount_fix);
  if (chdir("/") != 0) die("chdir", "/", mount_fix);
  close(builder->root);
  close(builder->scratch);
}

void root_build(struct request *request, bool user_namespace) {
  struct builder builder = {.request = request,
                            .user_namespace = user_namespace,
                            .uid = user_namespace ? geteuid() : request->uid,
                            .gid = user_namespace ? getegid() : request->gid};
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) die("mount", "MS_PRIVATE", mount_fix);
  clone_sources(request, user_namespace);
  make_scratch(&builder);
  show_system(&builder);
  show_proc(&builder);
  show_devices(&builder);
  show_scratch(&builder, "tmp", 01777, "/tmp");
  show_scratch(&builder, "shm", 01777, "/dev/shm");
  show_scratch(&builder, "home", 0700, SANDBOX_HOME);
  for (size_t i = 0; i < request->place_count; i++)
    show_place(&builder, &request->places[i], i);
  enter(&builder);
}
