// The fields of messages: a writer that grows, a reader that never leaves its bytes.
#include <stdlib.h>
#include <string.h>

#include "plugin_wire.h"

void kzw_writer_init(kzw_writer *writer) {
  writer->data = NULL;
  writer->length = 0;
  writer->capacity = sizeof writer->space;
  writer->failed = false;
}

void kzw_writer_free(kzw_writer *writer) {
  free(writer->data);
  kzw_writer_init(writer);
}

// Room for `bytes` more; data stays NULL while all fits into `space`.
static uint8_t *room(kzw_writer *writer, size_t bytes) {
  if (writer->failed || bytes > KZW_BODY_BYTES_MAX - writer->length) {
    writer->failed = true;
    return NULL;
  }
  size_t needed = writer->length + bytes;
  if (needed > writer->capacity) {
    size_t capacity = writer->capacity;
    while (capacity < needed) capacity *= 2;
    uint8_t *data = realloc(writer->data, capacity);
    if (!data) {
      writer->failed = true;
      return NULL;
    }
    if (!writer->data) memcpy(data, writer->space, writer->length);
    writer->data = data;
    writer->capacity = capacity;
  }
  uint8_t *at = (writer->data ? writer->data : writer->space) + writer->length;
  writer->length = needed;
  return at;
}

static void put(kzw_writer *writer, const void *from, size_t bytes) {
  uint8_t *at = room(writer, bytes);
  if (at && bytes > 0) memcpy(at, from, bytes);
}

void kzw_put_u32(kzw_writer *writer, uint32_t value) { put(writer, &value, sizeof value); }
void kzw_put_u64(kzw_writer *writer, uint64_t value) { put(writer, &value, sizeof value); }
void kzw_put_f64(kzw_writer *writer, double value) { put(writer, &value, sizeof value); }

void kzw_put_text(kzw_writer *writer, kz_text text) {
  if (text.length > KZW_BODY_BYTES_MAX) {
    writer->failed = true;
    return;
  }
  kzw_put_u32(writer, (uint32_t)text.length);
  put(writer, text.data, text.length);
}

// The next `bytes`, or NULL and failed for good.
static const uint8_t *next(kzw_reader *reader, size_t bytes) {
  if (reader->failed || bytes > reader->length - reader->offset) {
    reader->failed = true;
    return NULL;
  }
  const uint8_t *at = reader->data + reader->offset;
  reader->offset += bytes;
  return at;
}

uint32_t kzw_get_u32(kzw_reader *reader) {
  uint32_t value = 0;
  const uint8_t *at = next(reader, sizeof value);
  if (at) memcpy(&value, at, sizeof value);
  return value;
}

uint64_t kzw_get_u64(kzw_reader *reader) {
  uint64_t value = 0;
  const uint8_t *at = next(reader, sizeof value);
  if (at) memcpy(&value, at, sizeof value);
  return value;
}

double kzw_get_f64(kzw_reader *reader) {
  double value = 0;
  const uint8_t *at = next(reader, sizeof value);
  if (at) memcpy(&value, at, sizeof value);
  return value;
}

kz_text kzw_get_text(kzw_reader *reader) {
  uint32_t length = kzw_get_u32(reader);
  const uint8_t *at = next(reader, length);
  return at ? (kz_text){(const char *)at, length} : (kz_text){NULL, 0};
}
