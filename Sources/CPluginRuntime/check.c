#include "plugin_check.h"

#include <string.h>

// ---- UTF-8

// The bytes of the well-formed character at `at`, 0 where there is none; table 3-7 of
// https://www.unicode.org/versions/Unicode15.0.0/ch03.pdf.
static unsigned character_bytes(const unsigned char *at, uint64_t left) {
  unsigned char lead = at[0];
  if (lead < 0x80) return 1;
  unsigned bytes = lead >= 0xC2 && lead <= 0xDF   ? 2
                   : lead >= 0xE0 && lead <= 0xEF ? 3
                   : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                  : 0;
  if (bytes == 0 || bytes > left) return 0;
  unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (at[1] < low || at[1] > high) return 0;
  for (unsigned i = 2; i < bytes; i++) {
    if ((at[i] & 0xC0) != 0x80) return 0;
  }
  return bytes;
}

// The offset of the first byte that is not well-formed; the length where all are.
static uint64_t well_formed_bytes(kz_text text) {
  const unsigned char *bytes = (const unsigned char *)text.data;
  uint64_t i = 0;
  while (i < text.length) {
    unsigned count = character_bytes(bytes + i, text.length - i);
    if (count == 0) break;
    i += count;
  }
  return i;
}

bool kzr_is_utf8(kz_text text) { return well_formed_bytes(text) == text.length; }

uint64_t kzr_repair(kz_text text, char *out, uint64_t capacity) {
  static const char replacement[] = "\xEF\xBF\xBD"; // U+FFFD
  if (!text.data) return 0;
  const unsigned char *bytes = (const unsigned char *)text.data;
  uint64_t read = 0, written = 0;
  while (read < text.length) {
    unsigned count = character_bytes(bytes + read, text.length - read);
    unsigned needed = count ? count : 3;
    if (needed > capacity - written) break;
    memcpy(out + written, count ? text.data + read : replacement, needed);
    written += needed;
    read += count ? count : 1;
  }
  return written;
}

// ---- Texts

// For "%.*s": ids and the like are short, everything else is cut in messages.
static int shown(kz_text text) { return text.length > 200 ? 200 : (int)text.length; }

// A text in an error message, made safe to print: control characters and broken bytes replaced.
typedef struct { char bytes[256]; } printable;

static printable show(kz_text text) {
  printable out;
  kz_text start = {text.data, (uint64_t)shown(text)};
  uint64_t length = kzr_repair(start, out.bytes, sizeof out.bytes - 1);
  for (uint64_t i = 0; i < length; i++) {
    if ((unsigned char)out.bytes[i] < 0x20 || out.bytes[i] == 0x7F) out.bytes[i] = '?';
  }
  out.bytes[length] = '\0';
  return out;
}

bool kzr_check_text(kz_text who, const char *what, kz_text text, uint64_t limit,
                    kzr_error *error) {
  if (text.length > limit) {
    return kzr_fail(error, KZR_VALUE, "component \"%s\": %s has %llu bytes, expected at most %llu",
                    show(who).bytes, what, (unsigned long long)text.length,
                    (unsigned long long)limit);
  }
  if (!text.data && text.length > 0) {
    return kzr_fail(error, KZR_VALUE, "component \"%s\": %s is NULL with a length of %llu bytes",
                    show(who).bytes, what, (unsigned long long)text.length);
  }
  uint64_t good = well_formed_bytes(text);
  if (good < text.length) {
    return kzr_fail(error, KZR_VALUE,
                    "component \"%s\": %s is not UTF-8: byte 0x%02X at %llu (\"%s\")",
                    show(who).bytes, what, (unsigned char)text.data[good],
                    (unsigned long long)good, show(text).bytes);
  }
  return true;
}

// One non-empty line for people: control characters could forge log lines or drive a terminal.
static bool check_line(kz_text who, const char *what, kz_text text, uint64_t limit,
                       kzr_error *error) {
  if (!kzr_check_text(who, what, text, limit, error)) return false;
  if (text.length == 0) {
    return kzr_fail(error, KZR_VALUE, "component \"%s\": %s is empty", show(who).bytes, what);
  }
  for (uint64_t i = 0; i < text.length; i++) {
    unsigned char byte = (unsigned char)text.data[i];
    if (byte < 0x20 || byte == 0x7F) {
      return kzr_fail(error, KZR_VALUE,
                      "component \"%s\": %s has the control character 0x%02X at byte %llu",
                      show(who).bytes, what, byte, (unsigned long long)i);
    }
  }
  return true;
}

static bool is_alphanumeric(char byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= 'a' && byte <= 'z');
}

static bool is_id(kz_text text) {
  if (!text.data || text.length == 0 || text.length > KZ_ID_BYTES_MAX) return false;
  if (!is_alphanumeric(text.data[0])) return false;
  for (uint64_t i = 1; i < text.length; i++) {
    char byte = text.data[i];
    if (!is_alphanumeric(byte) && byte != '.' && byte != '_' && byte != '-') return false;
  }
  return true;
}

static bool check_unit(kz_text who, const char *what, double value, kzr_error *error) {
  if (value >= 0 && value <= 1) return true; // false for NaN
  return kzr_fail(error, KZR_VALUE, "component \"%s\": %s is %g, expected a number in [0,1]",
                  show(who).bytes, what, value);
}

// ---- Values

const char *kzr_kind_name(uint32_t kind) {
  switch (kind) {
    case KZ_KIND_ANALYZER: return "analyzer";
    case KZ_KIND_APPLIER: return "applier";
    case KZ_KIND_SCORER: return "scorer";
    default: return "unknown kind";
  }
}

bool kzr_check_description(const kzr_description *given, kzr_error *error) {
  if (!is_id(given->id)) {
    return kzr_fail(error, KZR_DESCRIPTOR,
                    "a descriptor's id is \"%s\", expected 1 to %d of A-Z a-z 0-9 . _ -, the first "
                    "a letter or digit",
                    given->id.data ? show(given->id).bytes : "", KZ_ID_BYTES_MAX);
  }
  if (given->kind < KZ_KIND_ANALYZER || given->kind > KZ_KIND_SCORER) {
    return kzr_fail(error, KZR_DESCRIPTOR,
                    "component \"%s\": the descriptor's kind is %u, expected 1 (analyzer), 2 "
                    "(applier) or 3 (scorer)",
                    show(given->id).bytes, given->kind);
  }
  kzr_error detail;
  if (!check_line(given->id, "version", given->version, KZ_ID_BYTES_MAX, &detail)) {
    return kzr_fail(error, KZR_DESCRIPTOR, "%s", detail.message);
  }
  if (given->topic_count < 1 || given->topic_count > KZ_TOPICS_MAX || !given->topics) {
    return kzr_fail(error, KZR_DESCRIPTOR,
                    "component \"%s\": the descriptor has %u topics%s, expected 1 to %d",
                    show(given->id).bytes, given->topic_count,
                    given->topics ? "" : " at NULL", KZ_TOPICS_MAX);
  }
  for (uint32_t i = 0; i < given->topic_count; i++) {
    if (!check_line(given->id, "a topic", given->topics[i], KZ_ID_BYTES_MAX, &detail)) {
      return kzr_fail(error, KZR_DESCRIPTOR, "%s", detail.message);
    }
  }
  return true;
}

bool kzr_check_opportunity(kz_text who, const kz_opportunity *found, kzr_error *error) {
  if (!check_line(who, "an opportunity's type", found->type, KZ_ID_BYTES_MAX, error) ||
      !check_line(who, "an opportunity's title", found->title, KZ_TITLE_BYTES_MAX, error) ||
      !kzr_check_text(who, "an opportunity's evidence", found->evidence_json, KZ_JSON_BYTES_MAX,
                      error) ||
      !check_unit(who, "an opportunity's strength", found->strength, error)) {
    return false;
  }
  if (found->severity > KZ_SEVERITY_CRITICAL) {
    return kzr_fail(error, KZR_VALUE,
                    "component \"%s\": an opportunity's severity is %u, expected 0 (its type's) to "
                    "4 (critical)",
                    show(who).bytes, found->severity);
  }
  return true;
}

// Relative, without . and .. and empty parts, so that it names one file beneath the root.
static bool is_relative_path(kz_text path) {
  uint64_t start = 0;
  for (uint64_t i = 0; i <= path.length; i++) {
    if (i < path.length && path.data[i] != '/') continue;
    uint64_t length = i - start;
    const char *part = path.data + start;
    if (length == 0 || (length == 1 && part[0] == '.') ||
        (length == 2 && part[0] == '.' && part[1] == '.')) {
      return false;
    }
    start = i + 1;
  }
  return true;
}

bool kzr_check_finding(kz_text who, const kz_finding *finding, kzr_error *error) {
  if (!check_line(who, "a finding's rule", finding->rule, KZ_ID_BYTES_MAX, error) ||
      !check_line(who, "a finding's file", finding->file, KZ_PATH_BYTES_MAX, error) ||
      !kzr_check_text(who, "a finding's message", finding->message, KZ_MESSAGE_BYTES_MAX, error)) {
    return false;
  }
  if (!is_relative_path(finding->file)) {
    return kzr_fail(error, KZR_VALUE,
                    "component \"%s\": a finding's file is \"%s\", expected a path relative to the "
                    "root, without . and ..",
                    show(who).bytes, show(finding->file).bytes);
  }
  if (finding->level < KZ_LEVEL_NOTE || finding->level > KZ_LEVEL_ERROR) {
    return kzr_fail(error, KZR_VALUE,
                    "component \"%s\": a finding's level is %u, expected 1 (note), 2 (warning) or "
                    "3 (error)",
                    show(who).bytes, finding->level);
  }
  return true;
}

bool kzr_check_score(kz_text who, kz_text dimension, double value, kzr_error *error) {
  if (!check_line(who, "a score's dimension", dimension, KZ_ID_BYTES_MAX, error)) return false;
  if (value >= 0 && value <= 1) return true; // false for NaN
  return kzr_fail(error, KZR_VALUE,
                  "component \"%s\": the score of \"%s\" is %g, expected a number in [0,1]",
                  show(who).bytes, show(dimension).bytes, value);
}

bool kzr_check_note(kz_text who, kz_text note, kzr_error *error) {
  return check_line(who, "a note", note, KZ_MESSAGE_BYTES_MAX, error);
}
