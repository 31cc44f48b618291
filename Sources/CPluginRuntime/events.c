// What a worker says to the daemon: written here, and taken apart here, where nothing is trusted.
#include <string.h>

#include "channel.h"

// ---- Writing

bool kzw_send_ready(kzw_channel *channel, const kzr_description *description, kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  kzw_put_u32(&writer, description->kind);
  kzw_put_u32(&writer, description->flags);
  kzw_put_text(&writer, description->id);
  kzw_put_text(&writer, description->version);
  kzw_put_u32(&writer, description->topic_count);
  for (uint32_t i = 0; i < description->topic_count; i++) {
    kzw_put_text(&writer, description->topics[i]);
  }
  return kzw_send(channel, KZW_READY, 0, &writer, -1, error);
}

bool kzw_send_opportunity(kzw_channel *channel, uint64_t call, const kz_opportunity *found,
                          kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  kzw_put_u32(&writer, found->severity);
  kzw_put_text(&writer, found->type);
  kzw_put_text(&writer, found->title);
  kzw_put_f64(&writer, found->strength);
  kzw_put_text(&writer, found->evidence_json);
  return kzw_send(channel, KZW_OPPORTUNITY, call, &writer, -1, error);
}

bool kzw_send_scored(kzw_channel *channel, uint64_t call, kz_text dimension, double value,
                     kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  kzw_put_text(&writer, dimension);
  kzw_put_f64(&writer, value);
  return kzw_send(channel, KZW_SCORED, call, &writer, -1, error);
}

bool kzw_send_finding(kzw_channel *channel, uint64_t call, const kz_finding *finding,
                      kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  kzw_put_u32(&writer, finding->level);
  kzw_put_text(&writer, finding->rule);
  kzw_put_text(&writer, finding->file);
  kzw_put_u32(&writer, finding->line);
  kzw_put_text(&writer, finding->message);
  return kzw_send(channel, KZW_FINDING, call, &writer, -1, error);
}

bool kzw_send_note(kzw_channel *channel, uint64_t call, kz_text note, kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  kzw_put_text(&writer, note);
  return kzw_send(channel, KZW_NOTE, call, &writer, -1, error);
}

bool kzw_send_progress(kzw_channel *channel, uint64_t call, double fraction, kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  kzw_put_f64(&writer, fraction);
  return kzw_send(channel, KZW_PROGRESS, call, &writer, -1, error);
}

bool kzw_send_log(kzw_channel *channel, uint64_t call, uint32_t level, kz_text message,
                  kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  kzw_put_u32(&writer, level);
  kzw_put_text(&writer, message);
  return kzw_send(channel, KZW_LOG, call, &writer, -1, error);
}

bool kzw_send_done(kzw_channel *channel, uint64_t call, uint32_t code, kz_text message,
                   kzr_error *error) {
  return kzw_send_done_using(channel, call, code, message, &(kzw_usage){0}, error);
}

bool kzw_send_done_using(kzw_channel *channel, uint64_t call, uint32_t code, kz_text message,
                         const kzw_usage *usage, kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  kzw_put_u32(&writer, code);
  kzw_put_text(&writer, message);
  kzw_put_u64(&writer, usage->cpu_ns);
  kzw_put_u64(&writer, usage->peak_bytes);
  return kzw_send(channel, KZW_DONE, call, &writer, -1, error);
}

bool kzw_send_returned(kzw_channel *channel, uint64_t call, const kzr_returned *returned,
                       kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  kzw_put_f64(&writer, returned->value);
  kzw_put_u64(&writer, returned->bits);
  kzw_put_u64(&writer, returned->length);
  kzw_put_u64(&writer, returned->input_bytes);
  return kzw_send(channel, KZW_RETURNED, call, &writer, -1, error);
}

// ---- Reading

static void get_ready(kzw_channel *channel, kzw_reader *reader, kzr_description *ready) {
  ready->kind = kzw_get_u32(reader);
  ready->flags = kzw_get_u32(reader);
  ready->id = kzw_get_text(reader);
  ready->version = kzw_get_text(reader);
  uint32_t count = kzw_get_u32(reader);
  if (count > KZ_TOPICS_MAX) reader->failed = true;
  for (uint32_t i = 0; i < count && !reader->failed; i++) {
    channel->topics[i] = kzw_get_text(reader);
  }
  ready->topics = channel->topics;
  ready->topic_count = count;
}

static void get_opportunity(kzw_reader *reader, kz_opportunity *found) {
  found->size = sizeof *found;
  found->severity = kzw_get_u32(reader);
  found->type = kzw_get_text(reader);
  found->title = kzw_get_text(reader);
  found->strength = kzw_get_f64(reader);
  found->evidence_json = kzw_get_text(reader);
}

static void get_finding(kzw_reader *reader, kz_finding *finding) {
  finding->size = sizeof *finding;
  finding->level = kzw_get_u32(reader);
  finding->rule = kzw_get_text(reader);
  finding->file = kzw_get_text(reader);
  finding->line = kzw_get_u32(reader);
  finding->message = kzw_get_text(reader);
}

static void get_returned(kzw_reader *reader, kzr_returned *returned) {
  returned->value = kzw_get_f64(reader);
  returned->bits = kzw_get_u64(reader);
  returned->length = kzw_get_u64(reader);
  returned->input_bytes = kzw_get_u64(reader);
}

static bool get_fields(kzw_channel *channel, kzw_reader *reader, kzw_event *event) {
  switch (event->kind) {
    case KZW_READY: get_ready(channel, reader, &event->ready); return true;
    case KZW_OPPORTUNITY: get_opportunity(reader, &event->opportunity); return true;
    case KZW_FINDING: get_finding(reader, &event->finding); return true;
    case KZW_RETURNED: get_returned(reader, &event->returned); return true;
    case KZW_SCORED:
      event->dimension = kzw_get_text(reader);
      event->value = kzw_get_f64(reader);
      return true;
    case KZW_PROGRESS: event->value = kzw_get_f64(reader); return true;
    case KZW_NOTE: event->text = kzw_get_text(reader); return true;
    case KZW_LOG:
      event->level = kzw_get_u32(reader);
      event->text = kzw_get_text(reader);
      return true;
    case KZW_DONE:
      event->code = kzw_get_u32(reader);
      event->text = kzw_get_text(reader);
      event->usage.cpu_ns = kzw_get_u64(reader);
      event->usage.peak_bytes = kzw_get_u64(reader);
      return true;
    case KZW_QUIT: return true;
    default: return false;
  }
}

static bool check_fields(kz_text who, const kzw_event *event, kzr_error *error) {
  switch (event->kind) {
    case KZW_READY: return kzr_check_description(&event->ready, error);
    case KZW_OPPORTUNITY: return kzr_check_opportunity(who, &event->opportunity, error);
    case KZW_FINDING: return kzr_check_finding(who, &event->finding, error);
    case KZW_SCORED: return kzr_check_score(who, event->dimension, event->value, error);
    case KZW_PROGRESS:
      if (event->value >= 0 && event->value <= 1) return true;
      return kzr_fail(error, KZR_PROTOCOL, "a progress of %g, expected a number in [0,1]",
                      event->value);
    case KZW_NOTE: return kzr_check_note(who, event->text, error);
    case KZW_LOG:
      if (event->level < KZ_LOG_DEBUG || event->level > KZ_LOG_ERROR) {
        return kzr_fail(error, KZR_PROTOCOL, "a log level of %u, expected 1 to 4", event->level);
      }
      return kzr_check_text(who, "a log message", event->text, KZ_MESSAGE_BYTES_MAX, error);
    case KZW_DONE:
      return kzr_check_text(who, "a closing message", event->text, KZ_MESSAGE_BYTES_MAX, error);
    default: return true;
  }
}

bool kzw_read_event(kzw_channel *channel, const kzw_message *message, kz_text who, kzw_event *event,
                    kzr_error *error) {
  memset(event, 0, sizeof *event);
  event->kind = message->kind;
  event->call = message->call;
  kzw_reader reader = {.data = message->body, .length = message->length};
  if (!get_fields(channel, &reader, event)) {
    return kzr_fail(error, KZR_PROTOCOL, "the worker sent a message of kind %u, expected %d, "
                    "%d to %d or %d", message->kind, KZW_READY, KZW_OPPORTUNITY, KZW_QUIT,
                    KZW_RETURNED);
  }
  if (reader.failed || reader.offset != reader.length) {
    return kzr_fail(error, KZR_PROTOCOL,
                    "the worker's message of kind %u is malformed at byte %zu of %zu",
                    message->kind, reader.offset, reader.length);
  }
  return check_fields(who, event, error);
}
