// One end of the socket between daemon and worker: whole messages, with their descriptors.
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  uint32_t kind;
  uint32_t flags;
  uint64_t call;
} header;
_Static_assert(sizeof(header) == KZW_HEADER_BYTES, "as documented");

enum { DESCRIPTORS_MAX = 2 };

kzw_channel *kzw_channel_new(int socket, bool takes_descriptors) {
  kzw_channel *channel = calloc(1, sizeof *channel);
  if (!channel) return NULL;
  channel->socket = socket;
  channel->takes_descriptors = takes_descriptors;
  channel->window = -1;
  channel->buffer = malloc(KZW_MESSAGE_BYTES_MAX);
  pthread_mutex_init(&channel->sending, NULL);
  if (channel->buffer) return channel;
  free(channel);
  return NULL;
}

static void forget_message(kzw_channel *channel) {
  if (channel->mapped) munmap(channel->mapped, channel->mapped_bytes);
  if (channel->window >= 0) close(channel->window);
  channel->mapped = NULL;
  channel->window = -1;
}

void kzw_channel_free(kzw_channel *channel) {
  if (!channel) return;
  forget_message(channel);
  pthread_mutex_destroy(&channel->sending);
  free(channel->held);
  free(channel->buffer);
  free(channel);
}

bool kzw_socketpair(int sockets[2], kzr_error *error) {
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0) {
    return kzr_fail(error, KZR_SYSTEM, "socketpair: %s", strerror(errno));
  }
  int bytes = 2 * KZW_MESSAGE_BYTES_MAX; // unix(7): the default may be set below one message
  for (int i = 0; i < 2; i++) {
    setsockopt(sockets[i], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  }
  return true;
}

// ---- Sending

// The bytes in a sealed memfd; -1 with the error.
static int sealed_body(const uint8_t *bytes, size_t length, kzr_error *error) {
  int file = memfd_create("kaizen-body", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  size_t written = 0;
  while (file >= 0 && written < length) {
    ssize_t count = write(file, bytes + written, length - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    written += (size_t)count;
  }
  int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (file >= 0 && written == length && fcntl(file, F_ADD_SEALS, seals) == 0) return file;
  kzr_fail(error, KZR_SYSTEM, "memory for a message of %zu bytes: %s", length, strerror(errno));
  if (file >= 0) close(file);
  return -1;
}

static bool send_packet(int socket, struct msghdr *message, kzr_error *error) {
  for (;;) {
    if (sendmsg(socket, message, MSG_NOSIGNAL) >= 0) return true;
    if (errno != EINTR) break;
  }
  return kzr_fail(error, KZR_SYSTEM, "sendmsg: %s", strerror(errno));
}

static bool send_parts(kzw_channel *channel, header *head, const uint8_t *bytes, size_t length,
                       const int *descriptors, size_t count, kzr_error *error) {
  struct iovec parts[2] = {{head, sizeof *head}, {(void *)bytes, length}};
  union {
    char bytes[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
    struct cmsghdr aligned;
  } control = {{0}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  if (count > 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(rights), descriptors, count * sizeof(int));
  }
  return send_packet(channel->socket, &message, error);
}

// ---- Batches

enum { PREFIX_BYTES = sizeof(uint32_t) + sizeof(header) };

static bool flush_held(kzw_channel *channel, kzr_error *error) {
  size_t length = channel->held_bytes;
  channel->held_bytes = 0;
  if (length <= sizeof(header)) return true;
  header head = {.kind = KZW_BATCH};
  return send_parts(channel, &head, channel->held + sizeof head, length - sizeof head, NULL, 0,
                    error);
}

void kzw_hold(kzw_channel *channel) {
  pthread_mutex_lock(&channel->sending);
  if (!channel->held) channel->held = malloc(KZW_MESSAGE_BYTES_MAX);
  channel->holding = channel->held != NULL; // without memory each goes alone
  pthread_mutex_unlock(&channel->sending);
}

bool kzw_flush(kzw_channel *channel, kzr_error *error) {
  pthread_mutex_lock(&channel->sending);
  channel->holding = false;
  bool good = flush_held(channel, error);
  pthread_mutex_unlock(&channel->sending);
  return good;
}

static bool joins(const kzw_channel *channel, size_t bytes) {
  size_t used = channel->held_bytes ? channel->held_bytes : sizeof(header);
  return bytes <= KZW_MESSAGE_BYTES_MAX && used + PREFIX_BYTES + bytes <= KZW_MESSAGE_BYTES_MAX;
}

bool kzw_has_room(kzw_channel *channel, size_t bytes) {
  pthread_mutex_lock(&channel->sending);
  bool fits = joins(channel, bytes);
  pthread_mutex_unlock(&channel->sending);
  return fits;
}

// Puts a message among those held; false where it has to go alone.
static bool join_batch(kzw_channel *channel, const header *head, const uint8_t *bytes,
                       size_t length, kzr_error *error, bool *good) {
  if (!channel->holding || !joins(channel, length)) {
    *good = flush_held(channel, error); // order: what was said before goes first
    if (!channel->holding || !joins(channel, length)) return false;
  }
  if (channel->held_bytes == 0) channel->held_bytes = sizeof(header);
  uint8_t *at = channel->held + channel->held_bytes;
  uint32_t count = (uint32_t)length;
  memcpy(at, &count, sizeof count);
  memcpy(at + sizeof count, head, sizeof *head);
  memcpy(at + PREFIX_BYTES, bytes, length);
  channel->held_bytes += PREFIX_BYTES + length;
  return true;
}

bool kzw_send(kzw_channel *channel, uint32_t kind, uint64_t call, kzw_writer *writer, int window,
              kzr_error *error) {
  const uint8_t *bytes = writer->data ? writer->data : writer->space;
  size_t length = writer->length;
  header head = {.kind = kind, .call = call};
  int descriptors[DESCRIPTORS_MAX];
  size_t count = 0;
  int body = -1;
  bool good = !writer->failed || kzr_fail(error, KZR_LIMIT, "a message over %d bytes",
                                          KZW_BODY_BYTES_MAX);
  if (good && length > KZW_MESSAGE_BYTES_MAX - sizeof head) {
    body = sealed_body(bytes, length, error);
    good = body >= 0;
    head.flags |= KZW_FLAG_BODY;
    descriptors[count++] = body;
    length = 0;
  }
  if (window >= 0) {
    head.flags |= KZW_FLAG_WINDOW;
    descriptors[count++] = window;
  }
  pthread_mutex_lock(&channel->sending);
  bool held = false;
  if (good && count == 0) held = join_batch(channel, &head, bytes, length, error, &good);
  if (good && count > 0) good = flush_held(channel, error);
  if (good && !held) good = send_parts(channel, &head, bytes, length, descriptors, count, error);
  pthread_mutex_unlock(&channel->sending);
  if (body >= 0) close(body);
  kzw_writer_free(writer);
  return good;
}

// ---- Receiving

static int64_t monotonic_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// 1 = something is there (or the end), 0 = time is up, -1 = error.
static int wait_readable(int socket, int timeout_ms) {
  struct pollfd wanted = {.fd = socket, .events = POLLIN};
  int64_t end = monotonic_ms() + timeout_ms;
  for (;;) {
    int result = poll(&wanted, 1, timeout_ms);
    if (result >= 0 || errno != EINTR) return result;
    if (timeout_ms >= 0) {
      int64_t left = end - monotonic_ms();
      timeout_ms = left > 0 ? (int)left : 0;
    }
  }
}

// Takes the descriptors out of `message`: at most two, the rest is closed. Their number.
static int take_descriptors(struct msghdr *message, int descriptors[DESCRIPTORS_MAX]) {
  int count = 0;
  for (struct cmsghdr *each = CMSG_FIRSTHDR(message); each; each = CMSG_NXTHDR(message, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
    size_t bytes = each->cmsg_len - CMSG_LEN(0);
    for (size_t offset = 0; offset + sizeof(int) <= bytes; offset += sizeof(int)) {
      int descriptor;
      memcpy(&descriptor, CMSG_DATA(each) + offset, sizeof descriptor);
      if (count < DESCRIPTORS_MAX) {
        descriptors[count++] = descriptor;
      } else {
        close(descriptor);
      }
    }
  }
  return count;
}

static bool map_body(kzw_channel *channel, int file, kzr_error *error) {
  struct stat status;
  int seals = fcntl(file, F_GET_SEALS);
  if (seals < 0 || (seals & (F_SEAL_WRITE | F_SEAL_SHRINK)) != (F_SEAL_WRITE | F_SEAL_SHRINK) ||
      fstat(file, &status) != 0 || status.st_size <= 0 || status.st_size > KZW_BODY_BYTES_MAX) {
    return kzr_fail(error, KZR_PROTOCOL, "a message's body is no sealed memfd of at most %d bytes",
                    KZW_BODY_BYTES_MAX);
  }
  size_t bytes = (size_t)status.st_size;
  void *mapped = mmap(NULL, bytes, PROT_READ, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) {
    return kzr_fail(error, KZR_SYSTEM, "mapping a message's body: %s", strerror(errno));
  }
  channel->mapped = mapped;
  channel->mapped_bytes = bytes;
  return true;
}

// Gives the descriptors to what the flags say they are; closes all others.
static bool place_descriptors(kzw_channel *channel, uint32_t flags, int *descriptors, int count,
                              kzr_error *error) {
  int wanted = ((flags & KZW_FLAG_BODY) != 0) + ((flags & KZW_FLAG_WINDOW) != 0);
  bool good = count == wanted && flags <= (KZW_FLAG_BODY | KZW_FLAG_WINDOW);
  if (!good) {
    kzr_fail(error, KZR_PROTOCOL, "a message with flags 0x%X came with %d descriptors, expected %d",
             flags, count, wanted);
  }
  int next = 0;
  if (good && flags & KZW_FLAG_BODY) {
    good = map_body(channel, descriptors[0], error);
    close(descriptors[next++]);
  }
  if (good && flags & KZW_FLAG_WINDOW) channel->window = descriptors[next++];
  while (next < count) close(descriptors[next++]);
  return good;
}

static int receive_packet(kzw_channel *channel, header *head, ssize_t *bytes, int *descriptors,
                          int *count, kzr_error *error) {
  struct iovec part = {channel->buffer, KZW_MESSAGE_BYTES_MAX};
  union {
    char bytes[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
    struct cmsghdr aligned;
  } control;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (channel->takes_descriptors) { // else the kernel closes what a worker may send
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
  }
  do {
    *bytes = recvmsg(channel->socket, &message, MSG_CMSG_CLOEXEC);
  } while (*bytes < 0 && errno == EINTR);
  if (*bytes == 0 || (*bytes < 0 && errno == ECONNRESET)) return KZW_GOT_END;
  if (*bytes < 0) {
    kzr_fail(error, KZR_SYSTEM, "recvmsg: %s", strerror(errno));
    return KZW_GOT_ERROR;
  }
  *count = channel->takes_descriptors ? take_descriptors(&message, descriptors) : 0;
  if (*bytes < (ssize_t)sizeof *head || message.msg_flags & MSG_TRUNC) {
    while (*count > 0) close(descriptors[--*count]);
    kzr_fail(error, KZR_PROTOCOL, "a message of %zd bytes, expected %zu to %d", *bytes,
             sizeof *head, KZW_MESSAGE_BYTES_MAX);
    return KZW_GOT_ERROR;
  }
  memcpy(head, channel->buffer, sizeof *head);
  return KZW_GOT_MESSAGE;
}

// The next message of the batch at hand. Everything in it is the other end's word: lengths are held
// against what is there, and neither a batch nor descriptors can be within one.
static int next_of_batch(kzw_channel *channel, kzw_message *message, kzr_error *error) {
  size_t left = channel->batch_end - channel->batch_at;
  const uint8_t *at = channel->buffer + channel->batch_at;
  uint32_t length = 0;
  header head = {0};
  if (left >= PREFIX_BYTES) {
    memcpy(&length, at, sizeof length);
    memcpy(&head, at + sizeof length, sizeof head);
  }
  if (left < PREFIX_BYTES || length > left - PREFIX_BYTES || head.flags || head.kind == KZW_BATCH) {
    kzr_fail(error, KZR_PROTOCOL, "a batch is malformed at byte %zu of %zu", channel->batch_at,
             channel->batch_end);
    channel->batch_at = channel->batch_end;
    return KZW_GOT_ERROR;
  }
  channel->batch_at += PREFIX_BYTES + length;
  *message = (kzw_message){.kind = head.kind,
                           .call = head.call,
                           .body = at + PREFIX_BYTES,
                           .length = length,
                           .window = -1,
                           .more = channel->batch_at < channel->batch_end};
  return KZW_GOT_MESSAGE;
}

int kzw_receive(kzw_channel *channel, int timeout_ms, kzw_message *message, kzr_error *error) {
  forget_message(channel);
  if (channel->batch_at < channel->batch_end) return next_of_batch(channel, message, error);
  if (timeout_ms >= 0) {
    int ready = wait_readable(channel->socket, timeout_ms);
    if (ready == 0) return KZW_GOT_TIMEOUT;
    if (ready < 0) {
      kzr_fail(error, KZR_SYSTEM, "poll: %s", strerror(errno));
      return KZW_GOT_ERROR;
    }
  }
  header head;
  ssize_t bytes;
  int descriptors[DESCRIPTORS_MAX];
  int count = 0;
  int got = receive_packet(channel, &head, &bytes, descriptors, &count, error);
  if (got != KZW_GOT_MESSAGE) return got;
  if (!place_descriptors(channel, head.flags, descriptors, count, error)) return KZW_GOT_ERROR;
  if (head.kind == KZW_BATCH && head.flags == 0) {
    channel->batch_at = sizeof head;
    channel->batch_end = (size_t)bytes;
    return next_of_batch(channel, message, error);
  }
  *message = (kzw_message){.kind = head.kind,
                           .call = head.call,
                           .body = channel->buffer + sizeof head,
                           .length = (uint64_t)bytes - sizeof head,
                           .window = channel->window};
  if (channel->mapped) {
    message->body = channel->mapped;
    message->length = channel->mapped_bytes;
  }
  return KZW_GOT_MESSAGE;
}
