/* The security analyzer: secrets, world-writable files, downloads piped into a shell. */
#include "kaizen_plugin.h"
#include "scan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  SNIFFED_BYTES = 8192, /* a NUL among the first of them makes a file binary, as git decides it */
  TITLE_PATH_BYTES_MAX = 200,
  TITLE_BYTES_MAX = 400,
  /* a path, a rule and a message of control characters as \u00XX */
  EVIDENCE_BYTES_MAX = 6 * (KZ_PATH_BYTES_MAX + KZ_ID_BYTES_MAX + TOLD_BYTES_MAX) + 512
};

typedef struct security {
  const kz_host *host;
  char *buffer; /* FILE_BYTES_MAX + 1 bytes */
} security;

/* One call: where findings go, and how often each title was used. */
typedef struct scan {
  security *self;
  const kz_analyzer_sink *sink;
  uint64_t titles[FINDINGS_MAX]; /* FNV-1a of each title emitted */
  uint64_t places[FINDINGS_MAX]; /* of each file and line */
  uint32_t count;
  kz_status status;
} scan;

/* ---- Text ------------------------------------------------------------------------------------ */

/* The file's name as people see it: control bytes shown as ?, a long one without its beginning. */
static void write_title(char *title, kz_text path, const finding *found, uint32_t number) {
  char file[TITLE_PATH_BYTES_MAX + 1];
  size_t start = path.length > TITLE_PATH_BYTES_MAX ? path.length - TITLE_PATH_BYTES_MAX : 0;
  size_t length = 0;
  while (start > 0 && start < path.length && ((unsigned char)path.data[start] & 0xC0) == 0x80) {
    start++; /* not in the middle of a UTF-8 sequence */
  }
  for (size_t i = start; i < path.length; i++) {
    unsigned char c = (unsigned char)path.data[i];
    file[length++] = c < 0x20 || c == 0x7F ? '?' : (char)c;
  }
  file[length] = '\0';
  int end = snprintf(title, TITLE_BYTES_MAX, "%s%s %s%s%s", start ? "…" : "", file, found->what,
                     found->name[0] ? " " : "", found->name);
  if (number > 1 && end > 0 && end < TITLE_BYTES_MAX) {
    snprintf(title + end, TITLE_BYTES_MAX - (size_t)end, " (%u)", number);
  }
}

/* Appends `text` as a JSON string (RFC 8259, section 7); the caller's buffer is large enough. */
static size_t write_string(char *out, size_t at, const char *text, size_t length) {
  out[at++] = '"';
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c == '"' || c == '\\') {
      out[at++] = '\\';
      out[at++] = (char)c;
    } else if (c < 0x20) {
      at += (size_t)sprintf(out + at, "\\u%04x", c);
    } else {
      out[at++] = (char)c;
    }
  }
  out[at++] = '"';
  return at;
}

/* `,"key":"value"`, or nothing where there is no value. */
static size_t write_member(char *out, size_t at, const char *key, const char *value) {
  if (!value[0]) return at;
  at += (size_t)sprintf(out + at, ",\"%s\":", key);
  return write_string(out, at, value, strlen(value));
}

/* What the hardener needs to find the place again, and people to recognize it; never the secret. */
static size_t write_evidence(char *out, kz_text path, const finding *found) {
  size_t at = (size_t)sprintf(out, "{\"file\":");
  at = write_string(out, at, path.data, path.length);
  if (found->line) at += (size_t)sprintf(out + at, ",\"line\":%u", found->line);
  at = write_member(out, at, "rule", found->rule);
  at = write_member(out, at, "name", found->name);
  at = write_member(out, at, "preview", found->preview);
  if (found->message) at = write_member(out, at, "message", found->message);
  out[at++] = '}';
  return at;
}

/* http://www.isthe.com/chongo/tech/comp/fnv/: a collision would cost a title its number, no
   more. */
static uint64_t fnv1a(const char *text, size_t length) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
  return hash;
}

/* One line of one file. */
static uint64_t place_of(kz_text path, uint32_t line) {
  return fnv1a(path.data, path.length) ^ line * UINT64_C(0x9E3779B97F4A7C15);
}

/* ---- Findings -------------------------------------------------------------------------------- */

/* A title is what makes two opportunities the same, so the second of a file gets a number. */
static uint32_t uses_of(const scan *now, uint64_t title) {
  uint32_t uses = 0;
  for (uint32_t i = 0; i < now->count; i++) uses += now->titles[i] == title;
  return uses;
}

/* Hands one finding to the host, which copies it. After a refusal or FINDINGS_MAX nothing more
   goes out. */
static void emit(scan *now, kz_text path, const finding *found) {
  char title[TITLE_BYTES_MAX], evidence[EVIDENCE_BYTES_MAX];
  if (now->status != KZ_OK || now->count == FINDINGS_MAX) return;
  write_title(title, path, found, 1);
  uint64_t hash = fnv1a(title, strlen(title));
  uint32_t uses = uses_of(now, hash);
  if (uses > 0) write_title(title, path, found, uses + 1);
  size_t length = write_evidence(evidence, path, found);
  kz_opportunity out = {.size = sizeof out,
                        .severity = KZ_SEVERITY_OF_TYPE,
                        .type = KZ_TEXT("security_vulnerability"),
                        .title = kz_text_of(title),
                        .strength = found->strength,
                        .evidence_json = {evidence, length}};
  now->status = now->sink->opportunity(now->sink, &out);
  now->places[now->count] = place_of(path, found->line);
  now->titles[now->count++] = hash;
}

/* Whether the call is over: refused, stopped or full. */
static int is_full(const scan *now) { return now->status != KZ_OK || now->count == FINDINGS_MAX; }

/* chmod(1): the bit that lets users write who are neither owner nor of the group. */
static void check_mode(scan *now, kz_text path, const struct stat *status) {
  if (!(status->st_mode & S_IWOTH)) return;
  finding found = {.rule = "world-writable", .what = "can be written by everyone", .strength = 1};
  emit(now, path, &found);
}

/* The end of the line that starts at `start`; a backslash at its end joins the next one to it. */
static size_t logical_end(const char *text, size_t length, size_t end) {
  while (end < length && end > 0 && text[end - 1] == '\\') {
    const char *next = memchr(text + end + 1, '\n', length - end - 1);
    end = next ? (size_t)(next - text) : length;
  }
  return end;
}

/* The beginning of a line, as much as is looked at. */
static span at_most(const char *data, size_t length) {
  return (span){data, length < LINE_BYTES_MAX ? length : LINE_BYTES_MAX};
}

/* Every line for secrets, every logical line for pipes; one finding of each sort a line. */
static void check_lines(scan *now, kz_text path, const char *text, size_t length) {
  syntax how = syntax_of((span){path.data, path.length});
  uint32_t line = 1;
  size_t joined = 0; /* up to here lines were looked at as part of an earlier one */
  for (size_t start = 0; start < length && !is_full(now); line++) {
    const char *newline = memchr(text + start, '\n', length - start);
    size_t end = newline ? (size_t)(newline - text) : length;
    finding secret = {.line = line}, pipe = {.line = line};
    if (scan_secret(at_most(text + start, end - start), how, &secret)) emit(now, path, &secret);
    if (start >= joined) {
      joined = logical_end(text, length, end);
      if (scan_pipe(at_most(text + start, joined - start), &pipe)) emit(now, path, &pipe);
    }
    start = end + 1;
  }
}

/* One file: its mode always, its text where it is one and not too long. */
static void check_file(scan *now, int root, kz_text path) {
  struct stat status;
  int file = open_beneath(root, (span){path.data, path.length});
  if (file < 0) return; /* a link, gone, or not ours to read */
  if (fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
    check_mode(now, path, &status);
    int64_t length = status.st_size > FILE_BYTES_MAX ? -1 : read_whole(file, now->self->buffer);
    size_t sniffed = length > SNIFFED_BYTES ? SNIFFED_BYTES : (size_t)(length > 0 ? length : 0);
    if (length > 0 && !memchr(now->self->buffer, '\0', sniffed)) {
      check_lines(now, path, now->self->buffer, (size_t)length);
    }
  }
  close(file);
}

/* ---- What scorers found ---------------------------------------------------------------------- */

/* How often findings of a level are right: estimates, see README.md. */
static double strength_of(const char *level) {
  if (strcmp(level, "error") == 0) return 0.9;
  return strcmp(level, "warning") == 0 ? 0.6 : 0.3;
}

/* One of security, unless the same line was found already. */
static void take_told(void *context, const told *given) {
  scan *now = context;
  kz_text path = kz_text_of(given->file);
  if (strcmp(given->dimension, "security") != 0 || given->is_cut) return;
  if (!path.length || !given->rule[0] || is_full(now)) return;
  uint64_t place = place_of(path, given->line);
  for (uint32_t i = 0; i < now->count; i++) {
    if (now->places[i] == place) return;
  }
  finding found = {.rule = given->rule,
                   .what = given->rule,
                   .line = given->line,
                   .strength = strength_of(given->level),
                   .message = given->message};
  emit(now, path, &found);
}

/* Nothing from a host whose view ends before the facts (R1). */
static void check_facts(scan *now, const kz_agent_view *view) {
  const kz_host *host = now->self->host;
  if (!KZ_HAS(kz_agent_view, view, facts_json) || !view->facts_json.length) return;
  if (!read_facts((span){view->facts_json.data, view->facts_json.length}, now, take_told)) {
    host->log(host, KZ_LOG_WARNING, kz_text_of("facts_json is no JSON: its rest was not read"));
  }
}

/* ---- The component --------------------------------------------------------------------------- */

/* The root as a descriptor, so that its path is walked once and files are found beneath it only. */
static int open_root(kz_text root) {
  char path[KZ_PATH_BYTES_MAX + 1];
  if (root.length > KZ_PATH_BYTES_MAX) return -1;
  memcpy(path, root.data, root.length);
  path[root.length] = '\0';
  return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static kz_status analyze(void *instance, const kz_agent_view *view, const kz_analyzer_sink *sink) {
  security *self = instance;
  const kz_host *host = self->host;
  if (view->root.length == 0) return KZ_OK; /* an observed agent has no files */
  int root = open_root(view->root);
  if (root < 0) {
    host->fail(host, kz_text_of("the agent's folder cannot be opened"));
    return KZ_FAILED;
  }
  scan now = {.self = self, .sink = sink};
  uint32_t count = view->file_count < FILES_MAX ? view->file_count : FILES_MAX;
  for (uint32_t i = 0; i < count && !is_full(&now); i++) {
    if (host->should_stop(host)) {
      now.status = KZ_STOPPED;
    } else if (view->files[i].length <= KZ_PATH_BYTES_MAX) {
      check_file(&now, root, view->files[i]);
    }
  }
  close(root);
  if (now.status == KZ_OK) check_facts(&now, view);
  if (count < view->file_count) {
    host->log(host, KZ_LOG_WARNING, kz_text_of("more than 20000 files: the rest was not read"));
  }
  if (now.count == FINDINGS_MAX) {
    host->log(host, KZ_LOG_WARNING, kz_text_of("stopped at 100 findings"));
  }
  return now.status;
}

/* The buffer is the instance's, so that a call allocates nothing: calls never overlap (R4). */
static void *create(const kz_descriptor *descriptor, const kz_host *host, kz_text config_json) {
  security *self = calloc(1, sizeof *self);
  if (self) self->buffer = malloc(FILE_BYTES_MAX + 1);
  if (self && self->buffer) {
    self->host = host;
    return self;
  }
  free(self);
  host->fail(host, kz_text_of("out of memory"));
  return NULL;
}

static void destroy(void *instance) {
  security *self = instance;
  free(self->buffer);
  free(self);
}

static const kz_analyzer analyzer = {.size = sizeof analyzer, .analyze = analyze};

static const void *interface(const kz_descriptor *self, kz_text id) {
  return kz_text_is(id, KZ_ANALYZER_1) ? &analyzer : NULL;
}

static const kz_text emitted[] = {KZ_TEXT("security_vulnerability")};

static const kz_descriptor descriptor = {.size = sizeof descriptor,
                                         .kind = KZ_KIND_ANALYZER,
                                         .flags = KZ_FLAG_PURE,
                                         .topic_count = 1,
                                         .topics = emitted,
                                         .id = KZ_TEXT("security"),
                                         .version = KZ_TEXT("0.1.0"),
                                         .create = create,
                                         .destroy = destroy,
                                         .interface = interface};

const kz_descriptor *kz_plugin_entry_v1(const kz_host *host, uint32_t index) {
  return index == 0 ? &descriptor : NULL;
}
