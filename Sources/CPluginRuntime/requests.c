// What the daemon says to a worker: written here, and taken apart here.
#include <stdlib.h>
#include <string.h>

#include "channel.h"

// ---- Writing

bool kzw_send_load(kzw_channel *channel, const kzw_load *load, kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  kzw_put_text(&writer, load->path);
  kzw_put_text(&writer, load->id);
  kzw_put_u32(&writer, load->kind);
  kzw_put_text(&writer, load->config_json);
  kzw_put_u64(&writer, (uint64_t)load->now_ns);
  kzw_put_u64(&writer, load->seed);
  return kzw_send(channel, KZW_LOAD, 0, &writer, -1, error);
}

bool kzw_send_function(kzw_channel *channel, const kzw_function *function, kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  kzw_put_text(&writer, function->library);
  kzw_put_text(&writer, function->symbol);
  kzw_put_text(&writer, function->signature);
  return kzw_send(channel, KZW_LOAD_FUNCTION, 0, &writer, -1, error);
}

bool kzw_send_invoke(kzw_channel *channel, uint64_t call, const kzw_invocation *invocation,
                     kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  kzw_put_text(&writer, invocation->path);
  kzw_put_u32(&writer, invocation->number_count);
  for (uint32_t i = 0; i < invocation->number_count; i++) {
    kzw_put_f64(&writer, invocation->numbers[i]);
  }
  return kzw_send(channel, KZW_INVOKE, call, &writer, -1, error);
}

static void put_files(kzw_writer *writer, const kz_text *files, uint32_t count) {
  if (count > KZW_FILES_MAX) writer->failed = true;
  kzw_put_u32(writer, count);
  for (uint32_t i = 0; i < count && !writer->failed; i++) kzw_put_text(writer, files[i]);
}

static void put_numbers(kzw_writer *writer, const kz_numbers *numbers) {
  kzw_put_u64(writer, numbers->records);
  kzw_put_u64(writer, numbers->operations);
  kzw_put_u64(writer, numbers->successes);
  kzw_put_u64(writer, numbers->failures);
  kzw_put_u64(writer, numbers->errors);
  kzw_put_f64(writer, numbers->mean_ms);
  kzw_put_f64(writer, numbers->p50_ms);
  kzw_put_f64(writer, numbers->p95_ms);
  kzw_put_f64(writer, numbers->quality);
  kzw_put_f64(writer, numbers->memory_mb);
  kzw_put_f64(writer, numbers->cpu_percent);
}

bool kzw_send_analyze(kzw_channel *channel, uint64_t call, uint64_t seed, const kz_agent_view *view,
                      int window, kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  kzw_put_u64(&writer, seed);
  kzw_put_u64(&writer, (uint64_t)view->now_ns);
  kzw_put_text(&writer, view->agent);
  kzw_put_u64(&writer, view->sla_ns);
  kzw_put_u64(&writer, view->generation);
  put_numbers(&writer, view->now);
  put_numbers(&writer, view->before);
  kzw_put_u32(&writer, view->trend->days);
  kzw_put_f64(&writer, view->trend->slope_per_day);
  kzw_put_f64(&writer, view->trend->p_value);
  kzw_put_u32(&writer, view->error_count);
  for (uint32_t i = 0; i < view->error_count && !writer.failed; i++) {
    kzw_put_text(&writer, view->errors[i].type);
    kzw_put_u64(&writer, view->errors[i].count);
  }
  kzw_put_text(&writer, view->root);
  put_files(&writer, view->files, view->file_count);
  kzw_put_text(&writer, view->agent_json);
  // A caller that was built before the field has a smaller view (R1).
  bool has_facts = KZ_HAS(kz_agent_view, view, facts_json);
  kzw_put_text(&writer, has_facts ? view->facts_json : (kz_text){0});
  return kzw_send(channel, KZW_ANALYZE, call, &writer, window, error);
}

bool kzw_send_apply(kzw_channel *channel, uint64_t call, uint64_t seed, const kz_plan_item *item,
                    kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  kzw_put_u64(&writer, seed);
  kzw_put_u64(&writer, (uint64_t)item->now_ns);
  kzw_put_u32(&writer, item->severity);
  kzw_put_text(&writer, item->opportunity);
  kzw_put_text(&writer, item->type);
  kzw_put_text(&writer, item->title);
  kzw_put_text(&writer, item->component);
  kzw_put_text(&writer, item->evidence_json);
  kzw_put_f64(&writer, item->strength);
  kzw_put_text(&writer, item->agent);
  kzw_put_u64(&writer, item->generation);
  kzw_put_text(&writer, item->root);
  put_files(&writer, item->files, item->file_count);
  kzw_put_text(&writer, item->agent_json);
  kzw_put_text(&writer, item->history_json);
  return kzw_send(channel, KZW_APPLY, call, &writer, -1, error);
}

bool kzw_send_score(kzw_channel *channel, uint64_t call, uint64_t seed, const kz_tree_view *tree,
                    kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  kzw_put_u64(&writer, seed);
  kzw_put_u64(&writer, (uint64_t)tree->now_ns);
  kzw_put_text(&writer, tree->root);
  put_files(&writer, tree->files, tree->file_count);
  return kzw_send(channel, KZW_SCORE, call, &writer, -1, error);
}

bool kzw_send_quit(kzw_channel *channel, kzr_error *error) {
  kzw_writer writer;
  kzw_writer_init(&writer);
  return kzw_send(channel, KZW_QUIT, 0, &writer, -1, error);
}

// ---- Reading

static kzw_reader reader_of(const kzw_message *message) {
  return (kzw_reader){.data = message->body, .length = message->length};
}

// The whole body must have been read, and nothing beyond it.
static bool complete(const kzw_reader *reader, uint32_t kind, kzr_error *error) {
  if (!reader->failed && reader->offset == reader->length) return true;
  return kzr_fail(error, KZR_PROTOCOL, "a message of kind %u is malformed at byte %zu of %zu",
                  kind, reader->offset, reader->length);
}

bool kzw_read_load(const kzw_message *message, kzw_load *load, kzr_error *error) {
  if (message->kind != KZW_LOAD) {
    return kzr_fail(error, KZR_PROTOCOL, "a message of kind %u, expected LOAD (%d)", message->kind,
                    KZW_LOAD);
  }
  kzw_reader reader = reader_of(message);
  load->path = kzw_get_text(&reader);
  load->id = kzw_get_text(&reader);
  load->kind = kzw_get_u32(&reader);
  load->config_json = kzw_get_text(&reader);
  load->now_ns = (int64_t)kzw_get_u64(&reader);
  load->seed = kzw_get_u64(&reader);
  return complete(&reader, message->kind, error);
}

bool kzw_read_function(const kzw_message *message, kzw_function *function, kzr_error *error) {
  kzw_reader reader = reader_of(message);
  function->library = kzw_get_text(&reader);
  function->symbol = kzw_get_text(&reader);
  function->signature = kzw_get_text(&reader);
  return complete(&reader, message->kind, error);
}

bool kzw_read_invoke(const kzw_message *message, kzw_invocation *invocation, double *numbers,
                     kzr_error *error) {
  if (message->kind != KZW_INVOKE) {
    return kzr_fail(error, KZR_PROTOCOL, "a message of kind %u, expected INVOKE (%d)",
                    message->kind, KZW_INVOKE);
  }
  kzw_reader reader = reader_of(message);
  invocation->path = kzw_get_text(&reader);
  uint32_t count = kzw_get_u32(&reader);
  if (count > KZR_NUMBERS_MAX) reader.failed = true;
  for (uint32_t i = 0; i < count && !reader.failed; i++) numbers[i] = kzw_get_f64(&reader);
  invocation->numbers = numbers;
  invocation->number_count = count;
  return complete(&reader, message->kind, error);
}

// A count that the rest of the body can hold, each element at least `bytes`; else 0 and failed.
static uint32_t get_count(kzw_reader *reader, uint32_t limit, size_t bytes) {
  uint32_t count = kzw_get_u32(reader);
  if (count > limit || count > (reader->length - reader->offset) / bytes) reader->failed = true;
  return reader->failed ? 0 : count;
}

static uint32_t get_files(kzw_reader *reader, kzw_request *request) {
  uint32_t count = get_count(reader, KZW_FILES_MAX, sizeof(uint32_t));
  request->files = calloc(count ? count : 1, sizeof *request->files);
  if (!request->files) {
    reader->failed = true;
    return 0;
  }
  for (uint32_t i = 0; i < count; i++) request->files[i] = kzw_get_text(reader);
  return count;
}

static void get_numbers(kzw_reader *reader, kz_numbers *numbers) {
  *numbers = (kz_numbers){.size = sizeof *numbers};
  numbers->records = kzw_get_u64(reader);
  numbers->operations = kzw_get_u64(reader);
  numbers->successes = kzw_get_u64(reader);
  numbers->failures = kzw_get_u64(reader);
  numbers->errors = kzw_get_u64(reader);
  numbers->mean_ms = kzw_get_f64(reader);
  numbers->p50_ms = kzw_get_f64(reader);
  numbers->p95_ms = kzw_get_f64(reader);
  numbers->quality = kzw_get_f64(reader);
  numbers->memory_mb = kzw_get_f64(reader);
  numbers->cpu_percent = kzw_get_f64(reader);
}

static uint32_t get_errors(kzw_reader *reader, kzw_request *request) {
  uint32_t count = get_count(reader, UINT32_MAX, sizeof(uint32_t) + sizeof(uint64_t));
  request->errors = calloc(count ? count : 1, sizeof *request->errors);
  if (!request->errors) {
    reader->failed = true;
    return 0;
  }
  for (uint32_t i = 0; i < count; i++) {
    request->errors[i].type = kzw_get_text(reader);
    request->errors[i].count = kzw_get_u64(reader);
  }
  return count;
}

static void get_view(kzw_reader *reader, kzw_request *request) {
  kz_agent_view *view = &request->view;
  view->size = sizeof *view;
  view->now_ns = request->now_ns;
  view->agent = kzw_get_text(reader);
  view->sla_ns = kzw_get_u64(reader);
  view->generation = kzw_get_u64(reader);
  get_numbers(reader, &request->now);
  get_numbers(reader, &request->before);
  view->now = &request->now;
  view->before = &request->before;
  request->trend = (kz_trend){.size = sizeof(kz_trend), .days = kzw_get_u32(reader)};
  request->trend.slope_per_day = kzw_get_f64(reader);
  request->trend.p_value = kzw_get_f64(reader);
  view->trend = &request->trend;
  view->error_count = get_errors(reader, request);
  view->errors = request->errors;
  view->root = kzw_get_text(reader);
  view->file_count = get_files(reader, request);
  view->files = request->files;
  view->agent_json = kzw_get_text(reader);
  view->facts_json = kzw_get_text(reader);
}

static void get_item(kzw_reader *reader, kzw_request *request) {
  kz_plan_item *item = &request->item;
  item->size = sizeof *item;
  item->now_ns = request->now_ns;
  item->severity = kzw_get_u32(reader);
  item->opportunity = kzw_get_text(reader);
  item->type = kzw_get_text(reader);
  item->title = kzw_get_text(reader);
  item->component = kzw_get_text(reader);
  item->evidence_json = kzw_get_text(reader);
  item->strength = kzw_get_f64(reader);
  item->agent = kzw_get_text(reader);
  item->generation = kzw_get_u64(reader);
  item->root = kzw_get_text(reader);
  item->file_count = get_files(reader, request);
  item->files = request->files;
  item->agent_json = kzw_get_text(reader);
  item->history_json = kzw_get_text(reader);
}

static void get_tree(kzw_reader *reader, kzw_request *request) {
  kz_tree_view *tree = &request->tree;
  tree->size = sizeof *tree;
  tree->now_ns = request->now_ns;
  tree->root = kzw_get_text(reader);
  tree->file_count = get_files(reader, request);
  tree->files = request->files;
}

static bool attach_window(const kzw_message *message, kzw_request *request, kzr_error *error) {
  if (message->window < 0) return true;
  request->window = kzw_window_map(message->window, error);
  if (!request->window) return false;
  request->view.columns = kzw_window_columns(request->window, &request->view.column_count);
  return true;
}

bool kzw_read_request(const kzw_message *message, kzw_request *request, kzr_error *error) {
  memset(request, 0, sizeof *request);
  if (message->kind < KZW_ANALYZE || message->kind > KZW_SCORE) {
    return kzr_fail(error, KZR_PROTOCOL, "a message of kind %u, expected a call (%d to %d)",
                    message->kind, KZW_ANALYZE, KZW_SCORE);
  }
  kzw_reader reader = reader_of(message);
  request->kind = message->kind;
  request->call = message->call;
  request->seed = kzw_get_u64(&reader);
  request->now_ns = (int64_t)kzw_get_u64(&reader);
  if (message->kind == KZW_ANALYZE) get_view(&reader, request);
  if (message->kind == KZW_APPLY) get_item(&reader, request);
  if (message->kind == KZW_SCORE) get_tree(&reader, request);
  if (complete(&reader, message->kind, error) && attach_window(message, request, error)) {
    return true;
  }
  kzw_request_free(request);
  return false;
}

void kzw_request_free(kzw_request *request) {
  free(request->files);
  free(request->errors);
  kzw_window_free(request->window);
  request->files = NULL;
  request->errors = NULL;
  request->window = NULL;
}
