#include "plugin_window.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// The 2 is the version of the layout. No text: its NUL would not fit.
#define MAGIC {'K', 'Z', 'W', 'I', 'N', 'D', 'O', '2'}

typedef struct {
  char magic[8];
  uint32_t columns;
  uint32_t reserved;
  uint64_t rows;
  uint64_t bytes;
  uint64_t check;
  uint8_t padding[24];
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

// Bytes that are copied, blanked and written at a time: they stay in the processor's own cache.
enum { STAGE_BYTES = 64 * 1024 };

typedef struct {
  int file;
  uint64_t rows;
  uint8_t *stage; // STAGE_BYTES
} writer;

// pwrite(2) all of it; false with errno.
static bool write_at(int file, const void *bytes, uint64_t count, uint64_t offset) {
  const uint8_t *from = bytes;
  while (count > 0) {
    ssize_t written = pwrite(file, from, count, (off_t)offset);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    from += written;
    offset += (uint64_t)written;
    count -= (uint64_t)written;
  }
  return true;
}

// Makes what lies beneath the absent rows of eight NaN or 0. Without a branch: which rows are
// absent cannot be foretold.
static void blank_eight(uint64_t *values, uint8_t present, uint64_t absent) {
  for (int row = 0; row < 8; row++) {
    uint64_t keep = -(uint64_t)(present >> row & 1);
    values[row] = (values[row] & keep) | (absent & ~keep);
  }
}

static void blank(uint8_t *values, const uint8_t *validity, uint64_t rows, const entry *planned) {
  uint64_t width = value_bytes(planned->format), absent = 0, row = 0;
  const double nan = NAN;
  if (planned->format[0] == 'g') memcpy(&absent, &nan, sizeof absent);
  for (; width == sizeof absent && row + 8 <= rows; row += 8) {
    if (validity[row / 8] == 0xFF) continue; // most rows are there
    blank_eight((uint64_t *)(void *)values + row, validity[row / 8], absent);
  }
  for (; row < rows; row++) {
    if (validity[row / 8] >> (row % 8) & 1) continue;
    memcpy(values + row * width, &absent, width);
  }
}

static uint64_t count_absent(const uint8_t *validity, uint64_t rows) {
  uint64_t present = 0, row = 0, word;
  for (; row + 64 <= rows; row += 64) {
    memcpy(&word, validity + row / 8, sizeof word);
    present += (uint64_t)__builtin_popcountll(word);
  }
  for (; row < rows; row++) present += validity[row / 8] >> (row % 8) & 1;
  return rows - present;
}

// Values with absent rows among them, staged. STAGE_BYTES hold a multiple of eight rows.
static bool write_blanked(const writer *self, const kz_column *column, const entry *planned) {
  uint64_t width = value_bytes(planned->format), step = STAGE_BYTES / width;
  for (uint64_t row = 0; row < self->rows; row += step) {
    uint64_t rows = self->rows - row < step ? self->rows - row : step;
    memcpy(self->stage, (const uint8_t *)column->values + row * width, rows * width);
    blank(self->stage, column->validity + row / 8, rows, planned);
    if (!write_at(self->file, self->stage, rows * width, planned->values.offset + row * width)) {
      return false;
    }
  }
  return true;
}

static bool write_column(const writer *self, const kz_column *column, entry *planned) {
  if (column->validity) planned->null_count = count_absent(column->validity, self->rows);
  bool values = planned->null_count == 0 || is_text(planned->format)
                    ? write_at(self->file, column->values, planned->values.bytes,
                               planned->values.offset)
                    : write_blanked(self, column, planned);
  return values &&
         write_at(self->file, column->validity, planned->validity.bytes,
                  planned->validity.offset) &&
         write_at(self->file, column->offsets, planned->offsets.bytes, planned->offsets.offset);
}

// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/) over the header but for its check, and the
// table: who maps a window so knows that it is one that was made here, and need not read it all.
static uint64_t check_of(const uint8_t *base, uint32_t columns) {
  header head;
  memcpy(&head, base, sizeof head);
  head.check = 0;
  uint64_t hash = UINT64_C(14695981039346656037);
  const uint8_t *parts[] = {(const uint8_t *)&head, base + sizeof head};
  size_t sizes[] = {sizeof head, columns * sizeof(entry)};
  for (int part = 0; part < 2; part++) {
    for (size_t i = 0; i < sizes[part]; i++) hash = (hash ^ parts[part][i]) * 1099511628211u;
  }
  return hash;
}

// Written and not mapped: pages of a new memfd that are written whole are not zeroed before, and
// nothing faults. Where memory is short a write fails, and is no SIGBUS.
static bool fill(int file, const kz_column *columns, entry *entries, uint32_t count, uint64_t rows,
                 uint64_t bytes) {
  writer self = {.file = file, .rows = rows, .stage = malloc(STAGE_BYTES)};
  bool good = self.stage != NULL;
  for (uint32_t i = 0; good && i < count; i++) good = write_column(&self, &columns[i], &entries[i]);
  free(self.stage);
  if (!good) return false;
  uint8_t base[sizeof(header) + KZW_WINDOW_COLUMNS_MAX * sizeof(entry)];
  header head = {.magic = MAGIC, .columns = count, .rows = rows, .bytes = bytes};
  memcpy(base, &head, sizeof head);
  memcpy(base + sizeof head, entries, count * sizeof *entries);
  head.check = check_of(base, count);
  memcpy(base, &head, sizeof head);
  return write_at(file, base, sizeof head + count * sizeof *entries, 0);
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
  if (file < 0 || !fill(file, columns, entries, count, rows, bytes)) {
    kzr_fail(error, KZR_SYSTEM, "memory for a window of %llu bytes: %s",
             (unsigned long long)bytes, strerror(errno));
    if (file >= 0) close(file);
    return -1;
  }
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
  const char magic[] = MAGIC;
  if (bytes < sizeof *head || memcmp(head->magic, magic, sizeof magic) != 0 ||
      head->bytes != bytes || head->columns > KZW_WINDOW_COLUMNS_MAX ||
      head->rows > KZW_WINDOW_ROWS_MAX ||
      bytes < sizeof *head + head->columns * sizeof(entry) ||
      head->check != check_of(base, head->columns)) {
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

bool kzw_window_check(const kzw_window *window, kzr_error *error) {
  const entry *entries = (const entry *)((const uint8_t *)window->base + sizeof(header));
  for (uint32_t i = 0; i < window->count; i++) {
    const kz_column *column = &window->columns[i];
    if (!column->offsets) continue;
    if (!offsets_ascend(column->offsets, column->length, entries[i].values.bytes)) {
      return kzr_fail(error, KZR_PROTOCOL, "window column \"%s\": its offsets do not ascend from 0",
                      entries[i].name);
    }
  }
  return true;
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
