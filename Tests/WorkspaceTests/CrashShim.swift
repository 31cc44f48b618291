import Glibc
import Linux
import Model
import TestSupport

/// A library that, preloaded, kills its process before its n-th call that changes a file.
///
/// Counted are the calls between the two markers, so that every crash point of a protocol can be
/// tried in turn: n is deterministic, a signal at a random time is not.
struct CrashShim {
  static let begin = "/kaizen-crash-begin"
  static let end = "/kaizen-crash-end"

  let library: String

  /// Compiles it into `directory`; nil where there is no C compiler.
  init?(in directory: TemporaryDirectory) throws {
    let source = try directory.write("shim.c", Self.source)
    library = directory.path + "/shim.so"
    let words = ["clang", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]
    do {
      let compiler = try ChildProcess(ChildCommand(words: words))
      guard try compiler.wait()?.status == .exited(0) else { return nil }
    } catch { return nil }
  }

  private static let source = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <fcntl.h>
    #include <signal.h>
    #include <stdarg.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/stat.h>
    #include <unistd.h>
    static long count, at = -1;
    static int on;
    static void point(void) {
      if (!on) return;
      if (at < 0) { const char *n = getenv("KAIZEN_CRASH_AT"); at = n ? atol(n) : 1L << 40; }
      if (__atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST) == at) kill(getpid(), SIGKILL);
    }
    #define REAL(name) static __typeof__(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name)
    int unlink(const char *p) {
      REAL(unlink);
      if (!strcmp(p, "/kaizen-crash-begin")) { on = 1; return 0; }
      if (!strcmp(p, "/kaizen-crash-end")) {
        on = 0;
        FILE *f = fopen(getenv("KAIZEN_CRASH_COUNT"), "w");
        if (f) { fprintf(f, "%ld", count); fclose(f); }
        return 0;
      }
      point(); return real(p);
    }
    int rename(const char *a, const char *b) { REAL(rename); point(); return real(a, b); }
    int renameat(int d, const char *a, int e, const char *b) { REAL(renameat); point(); return real(d, a, e, b); }
    int mkdir(const char *p, mode_t m) { REAL(mkdir); point(); return real(p, m); }
    int mkdirat(int d, const char *p, mode_t m) { REAL(mkdirat); point(); return real(d, p, m); }
    int rmdir(const char *p) { REAL(rmdir); point(); return real(p); }
    int linkat(int d, const char *a, int e, const char *b, int f) { REAL(linkat); point(); return real(d, a, e, b, f); }
    int unlinkat(int d, const char *p, int f) { REAL(unlinkat); point(); return real(d, p, f); }
    int symlinkat(const char *t, int d, const char *p) { REAL(symlinkat); point(); return real(t, d, p); }
    int ftruncate(int d, off_t n) { REAL(ftruncate); point(); return real(d, n); }
    ssize_t write(int d, const void *b, size_t n) { REAL(write); point(); return real(d, b, n); }
    ssize_t copy_file_range(int a, off64_t *b, int c, off64_t *d, size_t n, unsigned f) {
      REAL(copy_file_range); point(); return real(a, b, c, d, n, f);
    }
    int fchmod(int d, mode_t m) { REAL(fchmod); point(); return real(d, m); }
    int futimens(int d, const struct timespec t[2]) { REAL(futimens); point(); return real(d, t); }
    int fsync(int d) { REAL(fsync); point(); return real(d); }
    int syncfs(int d) { REAL(syncfs); point(); return real(d); }
    long syscall(long n, ...) {
      static long (*real)(long, ...); if (!real) real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
      long a[6]; va_list list; va_start(list, n);
      for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
      va_end(list);
      if (n == 316) point(); /* renameat2; openat2 changes nothing but where it creates */
      return real(n, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
    """
}
