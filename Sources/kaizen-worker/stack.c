#include "stack.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

enum { FRAMES_MAX = 32, SHOWN_MAX = 8, LINE_BYTES = 1024, ALTERNATE_STACK_BYTES = 64 * 1024 };
// SIGUSR2 is left to nobody: plugins have no handlers (R5).
enum { ASKED = SIGUSR2 };

static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};

// A stack that overflowed cannot take the handler's own frames.
static char alternate[ALTERNATE_STACK_BYTES];
static pthread_t caller;

static uintptr_t interrupted_at(const ucontext_t *context) {
#if defined(__x86_64__)
  return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
  return (uintptr_t)context->uc_mcontext.pc;
#else
  (void)context;
  return 0;
#endif
}

// Whether `address` is the worker's own code: the plugin's part of the stack ends there.
static bool is_own(void *address) {
  Dl_info here, there;
  return dladdr((void *)(uintptr_t)stack_prepare, &here) && dladdr(address, &there) &&
         here.dli_fbase == there.dli_fbase;
}

static size_t put_frame(char *line, size_t used, void *address) {
  Dl_info info = {0};
  const char *file = "?";
  if (dladdr(address, &info) && info.dli_fname) {
    const char *slash = strrchr(info.dli_fname, '/');
    file = slash ? slash + 1 : info.dli_fname;
  }
  const char *separator = used ? " < " : "in ";
  // What is not exported has no name here: its offset in the file is what addr2line(1) takes.
  void *base = info.dli_sname ? info.dli_saddr : info.dli_fbase;
  unsigned long offset = (unsigned long)((char *)address - (char *)base);
  int count = info.dli_sname
                  ? snprintf(line + used, LINE_BYTES - used, "%s%s+0x%lx (%s)", separator,
                             info.dli_sname, offset, file)
                  : snprintf(line + used, LINE_BYTES - used, "%s%s+0x%lx", separator, file, offset);
  return count > 0 && used + (size_t)count < LINE_BYTES ? used + (size_t)count : used;
}

// backtrace(3), dladdr(3) and snprintf(3) are not promised to be safe in a handler; a process that
// crashes has nothing left to lose, and one that hangs in them is killed as it was to be anyway.
static void write_stack(const ucontext_t *context) {
  void *frames[FRAMES_MAX];
  char line[LINE_BYTES + 1];
  uintptr_t at = interrupted_at(context);
  int count = backtrace(frames, FRAMES_MAX), first = 0;
  // Above the interrupted frame lie the handler's own.
  while (first < count && (uintptr_t)frames[first] != at) first++;
  size_t used = first == count ? put_frame(line, 0, (void *)at) : 0;
  for (int i = first == count ? 0 : first; i < count && i - first < SHOWN_MAX; i++) {
    if (first == count || is_own(frames[i])) break;
    used = put_frame(line, used, frames[i]);
  }
  if (!used) return;
  line[used] = '\n';
  if (write(STDERR_FILENO, line, used + 1) < 0) return;  // nobody reads: then nobody asks
}

// The handlers are gone after the first (SA_RESETHAND), so the signal raised again ends the process.
static void on_crash(int signal, siginfo_t *info, void *context) {
  (void)info;
  write_stack(context);
  raise(signal);
}

static void on_ask(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)info;
  write_stack(context);
}

void stack_prepare(void) {
  caller = pthread_self();
  void *frame[1];
  backtrace(frame, 1);  // loads libgcc_s now: a handler could not (backtrace(3), notes)
  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  if (sigaltstack(&stack, NULL) != 0) return;
  struct sigaction action = {.sa_sigaction = on_crash,
                             .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) sigaction(crashes[i], &action, NULL);
  action.sa_sigaction = on_ask;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigaction(ASKED, &action, NULL);
}

void stack_ask(void) { pthread_kill(caller, ASKED); }
