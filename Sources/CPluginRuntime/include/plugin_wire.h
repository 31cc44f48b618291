// What daemon and worker say to each other: one codec, used by both ends.
//
// A SOCK_SEQPACKET socket carries messages of at most KZW_MESSAGE_BYTES_MAX bytes: a header of 16
// bytes (u32 kind · u32 flags · u64 call), then the fields of its kind one after the other without
// padding: u32, u64, f64 in the machine's own order (both ends run on one machine), text as u32
// length and bytes, a list as u32 count and its elements. A body that would make the message too
// long travels as a sealed memfd in SCM_RIGHTS (KZW_FLAG_BODY), and so does the feedback window
// (KZW_FLAG_WINDOW), in this order. Only the daemon sends descriptors.
//
//   daemon → worker                                worker → daemon
//   LOAD (once, first)                             READY, or DONE with call 0 and why not; then exit
//   ANALYZE | APPLY | SCORE with an ascending id   OPPORTUNITY | SCORED | FINDING | NOTE | PROGRESS,
//     (several may wait in the socket)               any number, then one DONE with that id
//   QUIT                                           LOG at any time
//                                                  QUIT: idle too long; calls still in the socket
//                                                    are lost and belong to the next worker
//   LOAD_FUNCTION (instead of LOAD)                DONE with call 0, good or not
//   INVOKE with an ascending id                    RETURNED, or DONE with that id and why not
//
// Small messages without descriptors may travel together, as one BATCH whose body holds each as u32
// length of its body, header and body: a system call and a wake-up then serve many calls. Who
// receives a batch gets its messages one by one; a worker answers a batch with batches.
#ifndef PLUGIN_WIRE_H
#define PLUGIN_WIRE_H

#include <stddef.h>

#include "kaizen_plugin.h"
#include "plugin_check.h"
#include "plugin_error.h"
#include "plugin_function.h"
#include "plugin_window.h"

enum {
  KZW_MESSAGE_BYTES_MAX = 128 * 1024,
  KZW_BODY_BYTES_MAX = 64 * 1024 * 1024,
  KZW_FILES_MAX = 200000,
  KZW_HEADER_BYTES = 16,
};

enum {
  KZW_LOAD = 1,
  KZW_READY = 2,
  KZW_ANALYZE = 3,
  KZW_APPLY = 4,
  KZW_SCORE = 5,
  KZW_OPPORTUNITY = 6,
  KZW_SCORED = 7,
  KZW_FINDING = 8,
  KZW_NOTE = 9,
  KZW_PROGRESS = 10,
  KZW_LOG = 11,
  KZW_DONE = 12,
  KZW_QUIT = 13,
  KZW_LOAD_FUNCTION = 14,
  KZW_INVOKE = 15,
  KZW_RETURNED = 16,
  KZW_BATCH = 17,
};

enum { KZW_FLAG_BODY = 1, KZW_FLAG_WINDOW = 2 };

// ---- Writing and reading fields

// Bytes under construction. What does not fit sets `failed`,
// which is looked at when it is sent. Start with kzw_writer_init.
typedef struct kzw_writer {
  uint8_t *data;
  size_t length;
  size_t capacity;
  bool failed;
  uint8_t space[1024]; // where small messages live
} kzw_writer;

void kzw_writer_init(kzw_writer *writer);
void kzw_put_u32(kzw_writer *writer, uint32_t value);
void kzw_put_u64(kzw_writer *writer, uint64_t value);
void kzw_put_f64(kzw_writer *writer, double value);
void kzw_put_text(kzw_writer *writer, kz_text text);
void kzw_writer_free(kzw_writer *writer);

// Bytes being read. A read past the end gives 0 or the empty text and sets `failed` for good.
typedef struct kzw_reader {
  const uint8_t *data;
  size_t length;
  size_t offset;
  bool failed;
} kzw_reader;

uint32_t kzw_get_u32(kzw_reader *reader);
uint64_t kzw_get_u64(kzw_reader *reader);
double kzw_get_f64(kzw_reader *reader);
kz_text kzw_get_text(kzw_reader *reader); // lent from `data`

// ---- A channel: one end of the socket

typedef struct kzw_channel kzw_channel;

// Talks over `socket`, which stays the caller's. `takes_descriptors` only in the worker. NULL where
// memory is short.
kzw_channel *kzw_channel_new(int socket, bool takes_descriptors);
void kzw_channel_free(kzw_channel *channel);

// Makes a connected pair of sockets, close-on-exec, with buffers that hold the largest message.
bool kzw_socketpair(int sockets[2], kzr_error *error);

enum { KZW_GOT_ERROR = -1, KZW_GOT_END = 0, KZW_GOT_MESSAGE = 1, KZW_GOT_TIMEOUT = 2 };

// A received message; all pointers are lent until the next kzw_receive on that channel.
typedef struct kzw_message {
  uint32_t kind;
  uint64_t call;
  const uint8_t *body;
  uint64_t length;
  int window; // the window's descriptor, the channel's; -1 where none came
  bool more;  // others of its batch follow: the next kzw_receive waits for nothing
} kzw_message;

// Waits at most `timeout_ms` (-1 = for ever) for one message. One thread at a time. KZW_GOT_…
int kzw_receive(kzw_channel *channel, int timeout_ms, kzw_message *message, kzr_error *error);

// ---- Sending. Each from any thread; false with `error`, KZR_SYSTEM where the other end is gone.

// From now on small messages are kept back, until kzw_flush or until a packet is full.
void kzw_hold(kzw_channel *channel);
bool kzw_flush(kzw_channel *channel, kzr_error *error);

// Whether a message with a body of `bytes` can join those kept back without sending them.
bool kzw_has_room(kzw_channel *channel, size_t bytes);

typedef struct kzw_load {
  kz_text path; // of the library, absolute
  kz_text id;
  uint32_t kind; // KZ_KIND_…
  kz_text config_json;
  int64_t now_ns;
  uint64_t seed;
} kzw_load;

bool kzw_send_load(kzw_channel *channel, const kzw_load *load, kzr_error *error);
// `window` is a descriptor from kzw_window_create, or -1; columns in `view` are not looked at.
bool kzw_send_analyze(kzw_channel *channel, uint64_t call, uint64_t seed, const kz_agent_view *view,
                      int window, kzr_error *error);
bool kzw_send_apply(kzw_channel *channel, uint64_t call, uint64_t seed, const kz_plan_item *item,
                    kzr_error *error);
bool kzw_send_score(kzw_channel *channel, uint64_t call, uint64_t seed, const kz_tree_view *tree,
                    kzr_error *error);
bool kzw_send_quit(kzw_channel *channel, kzr_error *error);

// A function to load; plugin_function.h.
typedef struct kzw_function {
  kz_text library; // an absolute path, or a name that the dynamic linker looks up
  kz_text symbol;
  kz_text signature;
} kzw_function;

bool kzw_send_function(kzw_channel *channel, const kzw_function *function, kzr_error *error);

// One call of it: with the numbers, or with the bytes of the file at `path` in the sandbox.
typedef struct kzw_invocation {
  kz_text path; // empty for numbers
  const double *numbers;
  uint32_t number_count;
} kzw_invocation;

bool kzw_send_invoke(kzw_channel *channel, uint64_t call, const kzw_invocation *invocation,
                     kzr_error *error);

bool kzw_send_ready(kzw_channel *channel, const kzr_description *description, kzr_error *error);
bool kzw_send_opportunity(kzw_channel *channel, uint64_t call, const kz_opportunity *found,
                          kzr_error *error);
bool kzw_send_scored(kzw_channel *channel, uint64_t call, kz_text dimension, double value,
                     kzr_error *error);
bool kzw_send_finding(kzw_channel *channel, uint64_t call, const kz_finding *finding,
                      kzr_error *error);
bool kzw_send_note(kzw_channel *channel, uint64_t call, kz_text note, kzr_error *error);
bool kzw_send_progress(kzw_channel *channel, uint64_t call, double fraction, kzr_error *error);
bool kzw_send_log(kzw_channel *channel, uint64_t call, uint32_t level, kz_text message,
                  kzr_error *error);
bool kzw_send_done(kzw_channel *channel, uint64_t call, uint32_t code, kz_text message,
                   kzr_error *error);

// What the worker's process has used since it began; 0 = not known.
typedef struct kzw_usage {
  uint64_t cpu_ns;     // user and system time of all its threads
  uint64_t peak_bytes; // the most memory that was resident
} kzw_usage;

// As kzw_send_done, with what the worker has used by now.
bool kzw_send_done_using(kzw_channel *channel, uint64_t call, uint32_t code, kz_text message,
                         const kzw_usage *usage, kzr_error *error);
bool kzw_send_returned(kzw_channel *channel, uint64_t call, const kzr_returned *returned,
                       kzr_error *error);

// ---- Taking messages apart

// What a worker said. Fields of other kinds are zero. Values are checked with plugin_check.h, as if
// they came from the plugin itself.
typedef struct kzw_event {
  uint32_t kind;             // KZW_READY, OPPORTUNITY … QUIT
  uint64_t call;
  kzr_description ready;
  kz_opportunity opportunity;
  kz_finding finding;
  kz_text dimension;         // SCORED
  double value;              // SCORED, PROGRESS
  uint32_t level;            // LOG: KZ_LOG_…
  uint32_t code;             // DONE: KZR_…
  kzw_usage usage;           // DONE: the worker's own word
  kz_text text;              // NOTE, LOG, DONE
  kzr_returned returned;     // RETURNED
} kzw_event;

// `who` is the component, for messages. Lent until the next kzw_receive.
bool kzw_read_event(kzw_channel *channel, const kzw_message *message, kz_text who, kzw_event *event,
                    kzr_error *error);

bool kzw_read_load(const kzw_message *message, kzw_load *load, kzr_error *error);
bool kzw_read_function(const kzw_message *message, kzw_function *function, kzr_error *error);

// `numbers` (KZR_NUMBERS_MAX) is where the invocation's numbers go.
bool kzw_read_invoke(const kzw_message *message, kzw_invocation *invocation, double *numbers,
                     kzr_error *error);

// A call as the worker gets it. Free it with kzw_request_free, before the next kzw_receive.
typedef struct kzw_request {
  uint32_t kind; // KZW_ANALYZE, APPLY or SCORE
  uint64_t call;
  uint64_t seed;
  int64_t now_ns;
  kz_agent_view view;
  kz_plan_item item;
  kz_tree_view tree;
  kz_numbers now, before; // what `view` points to
  kz_trend trend;
  kz_error_count *errors;
  kz_text *files;
  kzw_window *window;
} kzw_request;

bool kzw_read_request(const kzw_message *message, kzw_request *request, kzr_error *error);
void kzw_request_free(kzw_request *request);

#endif
