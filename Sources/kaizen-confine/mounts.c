// Mounts as descriptors: made or cloned, given attributes, then attached below the new root. The
// places are resolved inside that root and nowhere else (RESOLVE_IN_ROOT), so that no link made by
// an agent leads a mount astray.
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine.h"

enum { PATH_BYTES = 4096 };  // PATH_MAX of the kernel

const char mount_fix[] =
    "the kernel must allow mounts in the sandbox's namespaces; in a container or under systemd "
    "remove ProtectKernelTunables=, ProtectProc=, ProcSubset=, RestrictNamespaces=, and allow "
    "@mount";

int mount_new(const char *type, const struct mount_option *options, unsigned int attributes) {
  int context = fsopen(type, FSOPEN_CLOEXEC);
  if (context < 0) die("fsopen", type, mount_fix);
  for (; options && options->key; options++) {
    unsigned int command = options->value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;
    if (fsconfig(context, command, options->key, options->value, 0) != 0)
      die("fsconfig", options->key, mount_fix);
  }
  if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0) die("fsconfig", type, mount_fix);
  int mount = fsmount(context, FSMOUNT_CLOEXEC, attributes);
  if (mount < 0) die("fsmount", type, mount_fix);
  close(context);
  return mount;
}

// `recursive` is a must in a user namespace, where the mounts below are locked to their parent:
// mount_namespaces(7).
int mount_clone(int directory, const char *path, bool recursive, bool read_only, int userns) {
  unsigned int deep = recursive ? AT_RECURSIVE : 0;
  int tree = open_tree(directory, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | deep);
  if (tree < 0) die("open_tree", path, "name a path that exists and that the daemon may read");
  struct mount_attr attributes = {
      .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (read_only ? MOUNT_ATTR_RDONLY : 0)};
  if (userns >= 0) {
    attributes.attr_set |= MOUNT_ATTR_IDMAP;
    attributes.userns_fd = (uint64_t)userns;
  }
  if (mount_setattr(tree, "", AT_EMPTY_PATH | deep, &attributes, sizeof attributes) != 0)
    die("mount_setattr", path,
        userns >= 0 ? "keep the agent on a file system with ID-mapped mounts (ext4, xfs, btrfs, "
                      "tmpfs), or run the daemon as the files' owner"
                    : mount_fix);
  return tree;
}

static int open_in(int root, const char *path) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC,
                         .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

static void make_last(int root, const char *path, bool directory) {
  char above[PATH_BYTES];
  const char *name = strrchr(path, '/') + 1;
  snprintf(above, sizeof above, "%.*s", (int)(name - path), path);
  int parent = open_in(root, above);
  if (parent < 0) die("openat2", path, "let no link on the way to this place lead nowhere");
  const char fix[] = "make this place in the tree that surrounds it, or show that tree throw-away";
  if (directory ? mkdirat(parent, name, 0755) : mknodat(parent, name, S_IFREG | 0644, 0))
    die(directory ? "mkdir" : "mknod", path, fix);
  close(parent);
}

// Where `path` itself is a link, replaces it by what the link names; `path` has PATH_BYTES.
static bool follow_link(int root, char *path) {
  char above[PATH_BYTES], link[PATH_BYTES], next[PATH_BYTES];
  const char *name = strrchr(path, '/') + 1;
  snprintf(above, sizeof above, "%.*s", (int)(name - path), path);
  int parent = open_in(root, above);
  if (parent < 0) return false;
  ssize_t length = readlinkat(parent, name, link, sizeof link - 1);
  close(parent);
  if (length <= 0) return false;
  link[length] = '\0';
  while (length > 1 && link[length - 1] == '/') link[--length] = '\0';
  int size = snprintf(next, sizeof next, "%s%s", link[0] == '/' ? "" : above, link);
  if (size >= (int)sizeof next) return false;
  memcpy(path, next, (size_t)size + 1);
  return true;
}

static void make_above(int root, const char *at) {
  char path[PATH_BYTES];
  for (size_t length = 1; at[length]; length++) {
    if (at[length] != '/') continue;
    snprintf(path, sizeof path, "%.*s", (int)length, at);
    int above = open_in(root, path);
    if (above < 0) make_last(root, path, true);
    else close(above);
  }
}

// The place `at` in the new root, made with the folders above it where nothing is there. A link
// that leads nowhere in the sandbox leads there afterwards: the place is made at its end.
int mount_target(int root, const char *at, bool directory) {
  enum { LINKS_MAX = 8 };
  char path[PATH_BYTES];
  snprintf(path, sizeof path, "%s", at);
  for (int links = 0; links < LINKS_MAX; links++) {
    int target = open_in(root, path);
    if (target >= 0) return target;
    make_above(root, path);
    if (follow_link(root, path)) continue;
    make_last(root, path, directory);
  }
  die_code("openat2", ELOOP, at, "let no link on the way to this place lead nowhere");
}

void mount_attach(int tree, int target, const char *at) {
  if (move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
    die("move_mount", at, mount_fix);
  close(target);
}
