#include "functions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The bytes of the current input; kept from call to call, so that it seldom grows.
static struct {
  char *bytes;
  size_t capacity;
} buffer;

static bool copy_name(kz_text text, char *name, size_t capacity, kzr_error *error) {
  if (text.length == 0 || text.length >= capacity || memchr(text.data, 0, text.length)) {
    return kzr_fail(error, KZR_LIMIT, "a name of %llu bytes, expected 1 to %zu without NUL",
                    (unsigned long long)text.length, capacity - 1);
  }
  memcpy(name, text.data, text.length);
  name[text.length] = '\0';
  return true;
}

kzr_function *function_load(const kzw_message *message, kzr_error *error) {
  kzw_function wanted;
  char library[KZ_PATH_BYTES_MAX], symbol[KZ_PATH_BYTES_MAX];
  if (!kzw_read_function(message, &wanted, error) ||
      !copy_name(wanted.library, library, sizeof library, error) ||
      !copy_name(wanted.symbol, symbol, sizeof symbol, error)) {
    return NULL;
  }
  return kzr_function_open(library, symbol, wanted.signature, error);
}

// ---- Files

static bool reserve(size_t capacity) {
  if (capacity <= buffer.capacity) return true;
  char *bytes = realloc(buffer.bytes, capacity);
  if (!bytes) return false;
  buffer.bytes = bytes;
  buffer.capacity = capacity;
  return true;
}

// All of `file` and a NUL behind it. It may grow while it is read: what counts is what was read.
static bool read_all(int file, size_t expected, kz_text *data, kzr_error *error) {
  size_t length = 0;
  for (;;) {
    size_t wanted = length ? length * 2 : expected + 2; // one more than there is shows the end
    if (wanted > KZR_INPUT_BYTES_MAX + 2) wanted = KZR_INPUT_BYTES_MAX + 2;
    if (!reserve(wanted)) return kzr_fail(error, KZR_SYSTEM, "out of memory");
    ssize_t count = read(file, buffer.bytes + length, buffer.capacity - length - 1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return kzr_fail(error, KZR_INPUT, "read: %s", strerror(errno));
    length += (size_t)count;
    if (length > KZR_INPUT_BYTES_MAX) {
      return kzr_fail(error, KZR_INPUT, "it has over %d bytes", KZR_INPUT_BYTES_MAX);
    }
    if (count == 0 || length < buffer.capacity - 1) break; // a regular file is short only at its end
  }
  buffer.bytes[length] = '\0';
  *data = (kz_text){buffer.bytes, length};
  return true;
}

// A symbolic link is not followed, and a FIFO or a device not waited for: they are no input.
static bool read_file(const char *path, kz_text *data, kzr_error *error) {
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return kzr_fail(error, KZR_INPUT, "open: %s", strerror(errno));
  struct stat status;
  bool good = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  if (!good) {
    kzr_fail(error, KZR_INPUT, "it is no regular file");
  } else if (status.st_size > KZR_INPUT_BYTES_MAX) {
    good = kzr_fail(error, KZR_INPUT, "it has over %d bytes", KZR_INPUT_BYTES_MAX);
  }
  good = good && read_all(file, (size_t)status.st_size, data, error);
  close(file);
  return good;
}

// ---- Calls

static bool call(kzr_function *function, const kzw_invocation *wanted, kzr_returned *returned,
                 kzr_error *error) {
  kzr_input input = {.numbers = wanted->numbers, .number_count = wanted->number_count};
  char path[KZ_PATH_BYTES_MAX];
  if (wanted->path.length > 0 && (!copy_name(wanted->path, path, sizeof path, error) ||
                                  !read_file(path, &input.data, error))) {
    return false;
  }
  return kzr_function_call(function, &input, returned, error);
}

bool function_invoke(kzr_function *function, kzw_channel *channel, const kzr_control *control,
                     const kzw_message *message, kzr_error *error) {
  double numbers[KZR_NUMBERS_MAX];
  kzw_invocation wanted;
  if (!kzw_read_invoke(message, &wanted, numbers, error)) return false;
  kzr_returned returned;
  kzr_error failure;
  // A function cannot be asked to stop, but what waits behind it can be left out.
  if (kzr_control_cancelled(control, message->call)) {
    kzr_fail(&failure, KZR_STOPPED, "stopped when asked to");
  } else if (call(function, &wanted, &returned, &failure)) {
    return kzw_send_returned(channel, message->call, &returned, error);
  }
  return kzw_send_done(channel, message->call, failure.code, kz_text_of(failure.message), error);
}
