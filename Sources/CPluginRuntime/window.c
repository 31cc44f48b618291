#include "plugin_window.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "KZWINDO1" // the 1 is the version of the layout

typedef struct {
  char magic[8];
  uint32_t columns;
  uint32_t reserved;
  uint64_t rows;
  uint64_t bytes;
  uint8_t padding[32];
} header;

typedef struct {
  uint64_t offset;
  uint64_t bytes;
} part;

typedef struct {
  char name[32];
  char format[8];
  uint64_t null_count;
  part validity, values, offsets;
} entry;

_Static_assert(sizeof(header) == 64, "as documented");
_Static_assert(sizeof(entry) == 96, "as documented");

enum { ALIGNMENT = 64 };

static uint64_t aligned(uint64_t offset) {
  return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

// Bytes of one value, 1 for the bytes of text, 0 for a format that windows do not have.
static uint64_t value_bytes(const char *format) {
  if (strcmp(format, "C") == 0 || strcmp(format, "u") == 0) return 1;
  if (strcmp(format, "l") == 0 || strcmp(format, "L") == 0 || strcmp(format, "g") == 0) return 8;
  return 0;
}

static bool is_text(const char *format) { return format[0] == 'u'; }

// Whether offsets start at 0, never fall and end at `bytes`; negative ones cannot pass.
static bool offsets_ascend(const int32_t *offsets, uint64_t rows, uint64_t bytes) {
  if (offsets[0] != 0) return false;
  int32_t falls = 0; // without a branch: the compiler then looks at several rows at a time
  for (uint64_t i = 0; i < rows; i++) falls |= offsets[i + 1] < offsets[i];
  if (falls) return false;
  return (uint64_t)(uint32_t)offsets[rows] == bytes;
}

// ---- Writing

static bool plan_entry(const kz_column *column, uint64_t rows, entry *planned, uint64_t *offset,
                       kzr_error *error) {
  memset(planned, 0, sizeof *planned);
  if (column->name.length == 0 || column->name.length > KZW_WINDOW_NAME_BYTES_MAX ||
      column->format.length == 0 || column->format.length >= sizeof planned->format) {
    return kzr_fail(error, KZR_LIMIT, "a window column's name has %llu bytes, expected 1 to %d",
                    (unsigned long long)column->name.length, KZW_WINDOW_NAME_BYTES_MAX);
  }
  memcpy(planned->name, column->name.data, column->name.length);
  memcpy(planned->format, column->format.data, column->format.length);
  uint64_t width = value_bytes(planned->format);
  if (width == 0 || column->length != rows || (is_text(planned->format) && !column->offsets)) {
    return kzr_fail(error, KZR_PROTOCOL,
                    "window column \"%s\": format \"%s\" with %llu rows, expected one of C, l, L, "
                    "g, u (with offsets) and %llu rows",
                    planned->name, planned->format, (unsigned long long)column->length,
                    (unsigned long long)rows);
  }
  uint64_t values = rows * width;
  if (is_text(planned->format)) {
    values = (uint64_t)(uint32_t)column->offsets[rows];
    if (!offsets_ascend(column->offsets, rows, values)) {
      return kzr_fail(error, KZR_PROTOCOL, "window column \"%s\": its offsets do not ascend from 0",
                      planned->name);
    }
  }
  part *parts[] = {&planned->validity, &planned->values, &planned->offsets};
  uint64_t sizes[] = {column->validity ? (rows + 7) / 8 : 0, values,
                      is_text(planned->format) ? (rows + 1) * sizeof(int32_t) : 0};
  for (int i = 0; i < 3; i++) {
    if (sizes[i] == 0) continue;
    *offset = aligned(*offset);
    *parts[i] = (part){*offset, sizes[i]};
    *offset += sizes[i];
  }
  return true;
}

// Counts the absent rows and makes what lies beneath them NaN or 0.
static uint64_t blank_absent(uint8_t *base, const entry *planned, uint64_t rows) {
  if (planned->validity.bytes == 0) return 0;
  const uint8_t *validity = base + planned->validity.offset;
  uint8_t *values = base + planned->values.offset;
  uint64_t width = value_bytes(planned->format);
  const double absent = NAN;
  uint64_t count = 0;
  for (uint64_t row = 0; row < rows; row++) {
    if (row % 8 == 0 && validity[row / 8] == 0xFF) { // most rows are there: eight at a time
      row += 7;
      continue;
    }
    if (validity[row / 8] >> (row % 8) & 1) continue;
    count++;
    if (is_text(planned->format)) continue;
    memset(values + row * width, 0, width);
    if (planned->format[0] == 'g') memcpy(values + row * width, &absent, sizeof absent);
  }
  return count;
}

static void copy_part(uint8_t *base, part where, const void *from) {
  if (where.bytes > 0) memcpy(base + where.offset, from, where.bytes);
}

static void fill(uint8_t *base, const kz_column *columns, entry *entries, uint32_t count,
                 uint64_t rows, uint64_t bytes) {
  header *head = (header *)base;
  memcpy(head->magic, MAGIC, sizeof head->magic);
  head->columns = count;
  head->rows = rows;
  head->bytes = bytes;
  for (uint32_t i = 0; i < count; i++) {
    copy_part(base, entries[i].validity, columns[i].validity);
    copy_part(base, entries[i].values, columns[i].values);
    copy_part(base, entries[i].offsets, columns[i].offsets);
    entries[i].null_count = blank_absent(base, &entries[i], rows);
  }
  memcpy(base + sizeof *head, entries, count * sizeof *entries);
}

static int seal(int file, kzr_error *error) {
  if (fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0) {
    return file;
  }
  kzr_fail(error, KZR_SYSTEM, "sealing a window: %s", strerror(errno));
  close(file);
  return -1;
}

int kzw_window_create(const kz_column *columns, uint32_t count, kzr_error *error) {
  uint64_t rows = count > 0 ? columns[0].length : 0;
  if (count > KZW_WINDOW_COLUMNS_MAX || rows > KZW_WINDOW_ROWS_MAX) {
    kzr_fail(error, KZR_LIMIT, "a window of %u columns and %llu rows, expected at most %d and %d",
             count, (unsigned long long)rows, KZW_WINDOW_COLUMNS_MAX, KZW_WINDOW_ROWS_MAX);
    return -1;
  }
  entry entries[KZW_WINDOW_COLUMNS_MAX];
  uint64_t bytes = sizeof(header) + count * sizeof(entry);
  for (uint32_t i = 0; i < count; i++) {
    if (!plan_entry(&columns[i], rows, &entries[i], &bytes, error)) return -1;
  }
  if (bytes > KZW_WINDOW_BYTES_MAX) {
    kzr_fail(error, KZR_LIMIT, "a window of %llu bytes, expected at most %llu",
             (unsigned long long)bytes, (unsigned long long)KZW_WINDOW_BYTES_MAX);
    return -1;
  }
  int file = memfd_create("kaizen-window", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  // Allocated at once: where memory is short this fails, and later writes would be SIGBUS.
  int code = file < 0 ? errno : posix_fallocate(file, 0, (off_t)bytes);
  void *base = code ? MAP_FAILED : mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                                       MAP_SHARED | MAP_POPULATE, file, 0); // all is written
  if (base == MAP_FAILED) {
    kzr_fail(error, KZR_SYSTEM, "memory for a window of %llu bytes: %s",
             (unsigned long long)bytes, strerror(code ? code : errno));
    if (file >= 0) close(file);
    return -1;
  }
  fill(base, columns, entries, count, rows, bytes);
  munmap(base, bytes); // F_SEAL_WRITE needs that no writable mapping is left
  return seal(file, error);
}

// ---- Reading

struct kzw_window {
  void *base;
  uint64_t bytes;
  uint32_t count;
  kz_column columns[];
};

// Whether the part lies in the window, aligned, with exactly `bytes`.
static bool part_fits(part where, uint64_t bytes, uint64_t window_bytes) {
  if (where.bytes != bytes) return false;
  if (bytes == 0) return where.offset == 0;
  return where.offset % ALIGNMENT == 0 && where.offset >= sizeof(header) &&
         where.offset <= window_bytes && bytes <= window_bytes - where.offset;
}

static bool map_column(const uint8_t *base, const entry *from, uint64_t rows, uint64_t bytes,
                       kz_column *to) {
  if (memchr(from->name, 0, sizeof from->name) == NULL || from->name[0] == '\0' ||
      memchr(from->format, 0, sizeof from->format) == NULL) {
    return false;
  }
  uint64_t width = value_bytes(from->format);
  bool text = is_text(from->format);
  if (width == 0 || from->null_count > rows ||
      !part_fits(from->validity, from->validity.bytes ? (rows + 7) / 8 : 0, bytes) ||
      !part_fits(from->values, text ? from->values.bytes : rows * width, bytes) ||
      !part_fits(from->offsets, text ? (rows + 1) * sizeof(int32_t) : 0, bytes)) {
    return false;
  }
  const int32_t *offsets = text ? (const int32_t *)(base + from->offsets.offset) : NULL;
  if (text && !offsets_ascend(offsets, rows, from->values.bytes)) return false;
  *to = (kz_column){.name = kz_text_of(from->name),
                    .format = kz_text_of(from->format),
                    .length = rows,
                    .null_count = from->null_count,
                    .validity = from->validity.bytes ? base + from->validity.offset : NULL,
                    .values = base + from->values.offset,
                    .offsets = offsets};
  return true;
}

static kzw_window *map_columns(void *base, uint64_t bytes, kzr_error *error) {
  const header *head = base;
  if (bytes < sizeof *head || memcmp(head->magic, MAGIC, sizeof head->magic) != 0 ||
      head->bytes != bytes || head->columns > KZW_WINDOW_COLUMNS_MAX ||
      head->rows > KZW_WINDOW_ROWS_MAX ||
      bytes < sizeof *head + head->columns * sizeof(entry)) {
    kzr_fail(error, KZR_PROTOCOL, "a window's header is malformed");
    return NULL;
  }
  kzw_window *window = calloc(1, sizeof *window + head->columns * sizeof(kz_column));
  if (!window) {
    kzr_fail(error, KZR_SYSTEM, "out of memory");
    return NULL;
  }
  *window = (kzw_window){.base = base, .bytes = bytes, .count = head->columns};
  const entry *entries = (const entry *)((const uint8_t *)base + sizeof *head);
  for (uint32_t i = 0; i < head->columns; i++) {
    if (!map_column(base, &entries[i], head->rows, bytes, &window->columns[i])) {
      kzr_fail(error, KZR_PROTOCOL, "a window's column %u is malformed", i);
      free(window);
      return NULL;
    }
  }
  return window;
}

kzw_window *kzw_window_map(int fd, kzr_error *error) {
  struct stat status;
  int seals = fcntl(fd, F_GET_SEALS);
  // Unsealed, it could change or shrink after the checks.
  if (seals < 0 || (seals & (F_SEAL_WRITE | F_SEAL_SHRINK)) != (F_SEAL_WRITE | F_SEAL_SHRINK) ||
      fstat(fd, &status) != 0 || status.st_size <= 0) {
    kzr_fail(error, KZR_PROTOCOL, "descriptor %d is no sealed window", fd);
    return NULL;
  }
  uint64_t bytes = (uint64_t)status.st_size;
  void *base = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) {
    kzr_fail(error, KZR_SYSTEM, "mapping a window: %s", strerror(errno));
    return NULL;
  }
  kzw_window *window = map_columns(base, bytes, error);
  if (!window) munmap(base, bytes);
  return window;
}

const kz_column *kzw_window_columns(const kzw_window *window, uint32_t *count) {
  *count = window->count;
  return window->columns;
}

const void *kzw_window_bytes(const kzw_window *window, uint64_t *bytes) {
  *bytes = window->bytes;
  return window->base;
}

void kzw_window_free(kzw_window *window) {
  if (!window) return;
  munmap(window->base, window->bytes);
  free(window);
}
