// System calls a test or a plugin has no business with, by libseccomp. Denied calls give EPERM, so
// that a program that only tries goes on; another architecture's calls (i386, x32), whose numbers
// mean something else, end the process.
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "confine.h"

static const int denied[] = {
    // What is mounted, and in which namespaces one is.
    SCMP_SYS(mount), SCMP_SYS(umount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot),
    SCMP_SYS(mount_setattr), SCMP_SYS(open_tree), SCMP_SYS(move_mount), SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig), SCMP_SYS(fsmount), SCMP_SYS(fspick), SCMP_SYS(unshare), SCMP_SYS(setns),
    // Other processes.
    SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(kcmp),
    SCMP_SYS(pidfd_getfd),
    // Parts of the kernel with a history of holes, and of no use here.
    SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(keyctl),
    SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(open_by_handle_at),
    SCMP_SYS(fanotify_init), SCMP_SYS(lookup_dcookie), SCMP_SYS(nfsservctl), SCMP_SYS(vm86),
    SCMP_SYS(vm86old),
    // io_uring does calls that no filter sees: lwn.net/Articles/1054225
    SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register),
    // The machine.
    SCMP_SYS(reboot), SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(init_module),
    SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(swapon), SCMP_SYS(swapoff),
    SCMP_SYS(settimeofday), SCMP_SYS(stime), SCMP_SYS(clock_settime), SCMP_SYS(clock_adjtime),
    SCMP_SYS(adjtimex), SCMP_SYS(acct), SCMP_SYS(quotactl), SCMP_SYS(syslog), SCMP_SYS(vhangup),
    SCMP_SYS(iopl), SCMP_SYS(ioperm), SCMP_SYS(_sysctl),
};

// The bits that ask clone(2) for a new namespace. clone3 hides them behind a pointer: ENOSYS makes
// libc use clone.
static const unsigned long namespace_bits[] = {0x00000080, 0x00020000, 0x02000000, 0x04000000,
                                               0x08000000, 0x10000000, 0x20000000, 0x40000000};

enum { TIOCSTI_ = 0x5412, TIOCLINUX_ = 0x541c, SETUID_BIT = 04000 };

enum { FCHMODAT2 = 452 };  // Linux 6.6, the same number everywhere; younger than libseccomp 2.5

static void check(int code, const char *what) {
  if (code < 0) die_code("seccomp_rule_add", -code, what, "install libseccomp 2.5 or later");
}

static void deny_calls(scmp_filter_ctx filter) {
  for (size_t i = 0; i < sizeof denied / sizeof *denied; i++)
    check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), denied[i], 0), "a denied call");
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), "clone3");
}

static void deny_arguments(scmp_filter_ctx filter) {
  uint32_t deny = SCMP_ACT_ERRNO(EPERM);
  for (size_t i = 0; i < sizeof namespace_bits / sizeof *namespace_bits; i++)
    check(seccomp_rule_add(filter, deny, SCMP_SYS(clone), 1,
                           SCMP_A0(SCMP_CMP_MASKED_EQ, namespace_bits[i], namespace_bits[i])),
          "clone");
  // Input for the terminal's owner: CVE-2017-5226. The kernel looks at 32 bits of the request.
  check(seccomp_rule_add(filter, deny, SCMP_SYS(ioctl), 1,
                         SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, TIOCSTI_)),
        "TIOCSTI");
  check(seccomp_rule_add(filter, deny, SCMP_SYS(ioctl), 1,
                         SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, TIOCLINUX_)),
        "TIOCLINUX");
}

// A setuid file in a writable tree would outlive the sandbox. openat2 hides its mode behind a
// pointer: ENOSYS makes programs use openat.
static void deny_setuid(scmp_filter_ctx filter) {
  static const struct {
    int call;
    unsigned int mode, flags;  // the arguments' numbers; flags 0: the call always creates
  } calls[] = {
      {SCMP_SYS(chmod), 1, 0},   {SCMP_SYS(fchmod), 1, 0}, {SCMP_SYS(fchmodat), 2, 0},
      {FCHMODAT2, 2, 0},         {SCMP_SYS(mknod), 1, 0},  {SCMP_SYS(mknodat), 2, 0},
      {SCMP_SYS(creat), 1, 0},   {SCMP_SYS(open), 2, 1},   {SCMP_SYS(openat), 3, 2},
  };
  static const unsigned int creating[] = {O_CREAT, O_TMPFILE};
  uint32_t deny = SCMP_ACT_ERRNO(EPERM);
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    struct scmp_arg_cmp mode =
        SCMP_CMP(calls[i].mode, SCMP_CMP_MASKED_EQ, SETUID_BIT, SETUID_BIT);
    if (calls[i].flags == 0) {
      check(seccomp_rule_add(filter, deny, calls[i].call, 1, mode), "setuid");
      continue;
    }
    for (size_t j = 0; j < 2; j++)
      check(seccomp_rule_add(
                filter, deny, calls[i].call, 2, mode,
                SCMP_CMP(calls[i].flags, SCMP_CMP_MASKED_EQ, creating[j], creating[j])),
            "setuid");
  }
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0), "openat2");
}

// Unix, IPv4, IPv6 and netlink (which only asks about the sandbox's own devices) at level A; only
// Unix where no network namespace stands between. VSOCK and its like are in no namespace.
static void deny_sockets(scmp_filter_ctx filter, bool network) {
  uint32_t deny = SCMP_ACT_ERRNO(EAFNOSUPPORT);
  for (unsigned int family = 0; family <= AF_NETLINK; family++) {
    bool harmless = family == AF_INET || family == AF_INET6 || family == AF_NETLINK;
    if (family == AF_UNIX || (network && harmless)) continue;
    check(seccomp_rule_add(filter, deny, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, family, 0)),
          "socket");
  }
  check(seccomp_rule_add(filter, deny, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_GT, AF_NETLINK, 0)),
        "socket");
}

void seccomp_apply(const struct request *request) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (!filter) die("seccomp_init", "", "free memory");
  check(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "architecture");
  deny_calls(filter);
  deny_arguments(filter);
  deny_setuid(filter);
  deny_sockets(filter, request->level == 'A');
  int code = seccomp_load(filter);
  if (code < 0) die_code("seccomp_load", -code, "the filter", "enable CONFIG_SECCOMP_FILTER");
  seccomp_release(filter);
}
