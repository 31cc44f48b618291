// kaizen-worker: holds one component of one library, or one function, and calls it for the daemon.
//
//   kaizen-worker [IDLE_MS]      socket at descriptor 3, control page at 4 (plugin_wire.h)
//   kaizen-worker probe …        the same, for `kaizen plugins verify` (probe.h)
//
// It leaves when told to (QUIT), when the daemon's end closes, be it in the middle of a call, and
// after IDLE_MS (default 30000) without work. Exit status: 0 left in order, 1 the component could
// not be loaded (the reason went over the socket), 2 wrong descriptors or a malformed message.
// It is C, so that a plugin brings the only language runtime in the process.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "functions.h"
#include "plugin_runtime.h"
#include "plugin_wire.h"
#include "probe.h"
#include "stack.h"

enum { SOCKET_FD = 3, CONTROL_FD = 4, IDLE_MS = 30000, IDLE_MS_MAX = 86400000 };
enum { LEFT = 0, NOT_LOADED = 1, BROKEN = 2 };
enum { HOLD_NS = 1000000 };
enum { WATCHER_STACK_BYTES = 64 * 1024 };

typedef struct {
  kzw_channel *channel;
  kzr_control *control;
  kzr_instance *instance; // NULL where it holds a function
  kzr_function *function;
  uint64_t call; // the one under way, 0 between calls
  bool more;     // whether others of its batch follow
} worker;

static bool in_call; // for the thread that watches

// Destructors and exit handlers of the plugin are not run: they may hang, and nothing needs them.
static _Noreturn void leave(int status) { _exit(status); }

// A daemon that is gone takes no more messages: there is nobody left to work for.
static void sent(bool good) {
  if (!good) leave(LEFT);
}

// ---- Results go straight to the socket

static void on_opportunity(void *context, const kz_opportunity *found) {
  worker *self = context;
  sent(kzw_send_opportunity(self->channel, self->call, found, NULL));
}
static void on_score(void *context, kz_text dimension, double value) {
  worker *self = context;
  sent(kzw_send_scored(self->channel, self->call, dimension, value, NULL));
}
static void on_finding(void *context, const kz_finding *finding) {
  worker *self = context;
  sent(kzw_send_finding(self->channel, self->call, finding, NULL));
}
static void on_note(void *context, kz_text note) {
  worker *self = context;
  sent(kzw_send_note(self->channel, self->call, note, NULL));
}
static void on_progress(void *context, double fraction) {
  worker *self = context;
  sent(kzw_send_progress(self->channel, self->call, fraction, NULL));
}
static void on_log(void *context, uint32_t level, kz_text message) {
  worker *self = context;
  sent(kzw_send_log(self->channel, __atomic_load_n(&self->call, __ATOMIC_RELAXED), level, message,
                    NULL));
}

static uint64_t nanoseconds(struct timeval time) {
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_usec * 1000;
}

// getrusage(2): ru_maxrss is in kilobytes.
static kzw_usage usage_by_now(void) {
  struct rusage used;
  if (getrusage(RUSAGE_SELF, &used) != 0) return (kzw_usage){0};
  return (kzw_usage){.cpu_ns = nanoseconds(used.ru_utime) + nanoseconds(used.ru_stime),
                     .peak_bytes = (uint64_t)used.ru_maxrss * 1024};
}

static void send_done(worker *self, uint64_t call, uint32_t code, const kzr_error *error) {
  kz_text message = code ? kz_text_of(error->message) : (kz_text){NULL, 0};
  // It adds up from the start, so that of a batch the last call's is enough.
  kzw_usage usage = self->more ? (kzw_usage){0} : usage_by_now();
  sent(kzw_send_done_using(self->channel, call, code, message, &usage, NULL));
}

// The last word of a worker that cannot go on.
static _Noreturn void leave_saying(worker *self, int status, uint64_t call, const kzr_error *error) {
  send_done(self, call, error->code, error);
  kzw_flush(self->channel, NULL);
  leave(status);
}

// ---- Loading and calling

static bool load_component(worker *self, const kzw_load *load, kzr_error *error) {
  char path[KZ_PATH_BYTES_MAX];
  if (load->path.length >= sizeof path) {
    return kzr_fail(error, KZR_LIMIT, "a library's path has %llu bytes, expected at most %zu",
                    (unsigned long long)load->path.length, sizeof path - 1);
  }
  memcpy(path, load->path.data, load->path.length);
  path[load->path.length] = '\0';
  kzr_library *library = kzr_open(path, error);
  if (!library) return false;
  int32_t index = kzr_find(library, load->id, load->kind, error);
  if (index < 0) return false;
  self->instance = kzr_create(library, (uint32_t)index, load->config_json, load->now_ns,
                              load->seed, (kzr_log){self, on_log}, error);
  if (!self->instance || !kzr_activate(self->instance, error)) return false;
  sent(kzw_send_ready(self->channel, kzr_component(library, (uint32_t)index), NULL));
  return true;
}

static void call_component(worker *self, const kzw_request *request) {
  kzr_error error;
  kzr_call call = {.id = request->call,
                   .now_ns = request->now_ns,
                   .seed = request->seed,
                   .control = self->control,
                   .events = {.context = self,
                              .opportunity = on_opportunity,
                              .score = on_score,
                              .finding = on_finding,
                              .note = on_note,
                              .progress = on_progress}};
  __atomic_store_n(&self->call, request->call, __ATOMIC_RELAXED);
  __atomic_store_n(&in_call, true, __ATOMIC_RELAXED);
  uint32_t code = request->kind == KZW_ANALYZE
                      ? kzr_analyze(self->instance, &request->view, &call, &error)
                  : request->kind == KZW_APPLY
                      ? kzr_apply(self->instance, &request->item, &call, &error)
                      : kzr_score(self->instance, &request->tree, &call, &error);
  __atomic_store_n(&in_call, false, __ATOMIC_RELAXED);
  send_done(self, request->call, code, &error);
  __atomic_store_n(&self->call, 0, __ATOMIC_RELAXED);
}

// Deactivates and destroys, as the life cycle asks; then the process is done.
static _Noreturn void retire(worker *self) {
  if (self->instance) kzr_destroy(self->instance, NULL);
  leave(LEFT);
}

static void request_of_component(worker *self, const kzw_message *message) {
  kzr_error error;
  kzw_request request;
  if (!kzw_read_request(message, &request, &error)) {
    leave_saying(self, BROKEN, message->call, &error);
  }
  call_component(self, &request);
  kzw_request_free(&request);
}

static void request_of_function(worker *self, const kzw_message *message) {
  kzr_error error = {0};
  if (function_invoke(self->function, self->channel, self->control, message, &error)) return;
  if (error.code == KZR_SYSTEM) leave(LEFT);
  leave_saying(self, BROKEN, message->call, &error);
}

static int64_t monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// One message. Answers to a batch are kept back until its last call, but for HOLD_NS at most.
static void handle(worker *self, const kzw_message *message) {
  static int64_t held_since; // 0 = nothing is kept back
  if (message->kind == KZW_QUIT) retire(self);
  self->more = message->more;
  if (held_since && monotonic_ns() - held_since > HOLD_NS) {
    sent(kzw_flush(self->channel, NULL));
    held_since = 0;
  }
  if (message->more && !held_since) {
    kzw_hold(self->channel);
    held_since = monotonic_ns();
  }
  if (self->function) request_of_function(self, message);
  else request_of_component(self, message);
  if (message->more || !held_since) return;
  sent(kzw_flush(self->channel, NULL));
  held_since = 0;
}

// ---- The process

// Sees what the thread in a call cannot. Where the daemon shuts down its sending end, it is about to
// kill this process and wants to know where the plugin is. Where it closes its end, the process
// ends: a component in an endless loop must not outlive the daemon. poll(2) reports POLLHUP unasked.
static void *watch(void *unused) {
  struct pollfd peer = {.fd = SOCKET_FD, .events = POLLRDHUP};
  for (;;) {
    if (poll(&peer, 1, -1) < 0) {
      if (errno == EINTR) continue;
      leave(LEFT);
    }
    if (peer.revents & ~POLLRDHUP) leave(LEFT);
    peer.events = 0;
    if (__atomic_load_n(&in_call, __ATOMIC_RELAXED)) stack_ask();
  }
  return unused;
}

// Without a thread to spare (RLIMIT_NPROC) the worker does without: its sandbox ends it then.
static void start_watcher(void) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); // no signal handler of a plugin runs on it
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, WATCHER_STACK_BYTES);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  pthread_create(&thread, &attributes, watch, NULL);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static int usage(const char *what) {
  fprintf(stderr, "kaizen-worker: %s\nIt is started by kaizend, with a socket at descriptor %d and "
                  "a control page at %d.\n", what, SOCKET_FD, CONTROL_FD);
  return BROKEN;
}

static bool parse_idle(int count, char **arguments, int *idle_ms) {
  *idle_ms = IDLE_MS;
  if (count == 1) return true;
  char *end = NULL;
  long value = strtol(arguments[1], &end, 10);
  *idle_ms = (int)value;
  return count == 2 && end != arguments[1] && *end == '\0' && value > 0 && value <= IDLE_MS_MAX;
}

static void load_function(worker *self, const kzw_message *message) {
  kzr_error error = {0};
  self->function = function_load(message, &error);
  if (!self->function) leave_saying(self, NOT_LOADED, 0, &error);
  send_done(self, 0, KZR_OK, &error);
}

static void load_first(worker *self) {
  kzr_error error;
  kzw_message message;
  int got = kzw_receive(self->channel, IDLE_MS, &message, &error);
  if (got == KZW_GOT_END || got == KZW_GOT_TIMEOUT) leave(LEFT);
  kzw_load load;
  if (got == KZW_GOT_ERROR) leave_saying(self, BROKEN, 0, &error);
  if (message.kind == KZW_LOAD_FUNCTION) {
    load_function(self, &message);
    return;
  }
  if (!kzw_read_load(&message, &load, &error)) leave_saying(self, BROKEN, 0, &error);
  if (!load_component(self, &load, &error)) leave_saying(self, NOT_LOADED, 0, &error);
}

int main(int count, char **arguments) {
  worker self = {0};
  kzr_error error;
  int idle_ms;
  bool is_probe = count > 1 && strcmp(arguments[1], "probe") == 0;
  if (!parse_idle(is_probe ? 1 : count, arguments, &idle_ms)) {
    return usage("expected at most one argument, the idle time in milliseconds");
  }
  if (fcntl(SOCKET_FD, F_SETFD, FD_CLOEXEC) != 0) return usage("descriptor 3 is not open");
  self.control = kzr_control_attach(CONTROL_FD, &error);
  if (!self.control) return usage(error.message);
  close(CONTROL_FD);
  signal(SIGPIPE, SIG_IGN);
  self.channel = kzw_channel_new(SOCKET_FD, true);
  if (!self.channel) return usage("out of memory");
  stack_prepare();
  start_watcher();
  if (is_probe) {
    __atomic_store_n(&in_call, true, __ATOMIC_RELAXED);
    leave(probe_run(self.channel, count - 2, arguments + 2));
  }
  load_first(&self);
  for (;;) {
    kzw_message message;
    switch (kzw_receive(self.channel, idle_ms, &message, &error)) {
      case KZW_GOT_MESSAGE: handle(&self, &message); break;
      case KZW_GOT_END: retire(&self);
      case KZW_GOT_TIMEOUT:
        sent(kzw_send_quit(self.channel, NULL));
        retire(&self);
      default: leave_saying(&self, BROKEN, 0, &error);
    }
  }
}
