/* Reads the findings of scorers out of facts_json: as much of JSON (RFC 8259) as that takes. The
   text is the host's, yet nothing here trusts it: every read is bounded by its end. */
#include "scan.h"

enum { DEPTH_MAX = 32 }; /* objects and arrays within one another */

typedef struct cursor {
  const char *at;
  const char *end;
} cursor;

static void skip_blank(cursor *in) {
  while (in->at < in->end && (is_blank(*in->at) || *in->at == '\n')) in->at++;
}

/* Takes `wanted` where it comes next; 1 if it did. */
static int take(cursor *in, char wanted) {
  skip_blank(in);
  if (in->at == in->end || *in->at != wanted) return 0;
  in->at++;
  return 1;
}

/* Four hexadecimal digits; -1 where there are none. */
static int32_t take_hex(cursor *in) {
  int32_t value = 0;
  if (in->end - in->at < 4) return -1;
  for (int i = 0; i < 4; i++, in->at++) {
    char c = lower(*in->at);
    if (!is_digit(c) && !(c >= 'a' && c <= 'f')) return -1;
    value = value * 16 + (is_digit(c) ? c - '0' : c - 'a' + 10);
  }
  return value;
}

/* What a string is decoded into; what is too long is cut and marked so. */
typedef struct sink {
  char *out; /* NULL: nobody wants it */
  size_t length;
  size_t capacity;
  int is_cut;
} sink;

static void put(sink *to, int32_t byte) {
  if (!to->out) return;
  if (to->length + 1 < to->capacity) {
    to->out[to->length++] = (char)byte;
  } else {
    to->is_cut = 1;
  }
}

/* A code point as UTF-8 (RFC 3629); half a surrogate pair becomes a question mark. */
static void put_point(sink *to, int32_t point) {
  if (point < 0x80) {
    put(to, point ? point : '?');
  } else if (point < 0x800) {
    put(to, 0xC0 | point >> 6);
    put(to, 0x80 | (point & 0x3F));
  } else if (point >= 0xD800 && point < 0xE000) {
    put(to, '?');
  } else {
    if (point < 0x10000) {
      put(to, 0xE0 | point >> 12);
    } else {
      put(to, 0xF0 | point >> 18);
      put(to, 0x80 | (point >> 12 & 0x3F));
    }
    put(to, 0x80 | (point >> 6 & 0x3F));
    put(to, 0x80 | (point & 0x3F));
  }
}

/* What follows a backslash; 0 where that is nothing known. */
static int take_escape(cursor *in, sink *to) {
  static const char plain[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
  if (in->at == in->end) return 0;
  char c = *in->at++;
  const char *found = c ? strchr(plain, c) : NULL;
  if (found) {
    put(to, meaning[found - plain]);
    return 1;
  }
  int32_t point = c == 'u' ? take_hex(in) : -1;
  if (point < 0) return 0;
  if (point >= 0xD800 && point < 0xDC00 && in->end - in->at >= 6 && in->at[0] == '\\' &&
      in->at[1] == 'u') {
    in->at += 2;
    int32_t second = take_hex(in);
    if (second < 0xDC00 || second > 0xDFFF) return 0;
    point = 0x10000 + ((point - 0xD800) << 10) + (second - 0xDC00);
  }
  put_point(to, point);
  return 1;
}

/* A string, decoded and ended with NUL; 0 where there is none. */
static int take_string(cursor *in, sink *to) {
  if (!take(in, '"')) return 0;
  while (in->at < in->end) {
    char c = *in->at++;
    if (c == '"') {
      if (to->out) to->out[to->length] = '\0';
      return 1;
    }
    if (c == '\\') {
      if (!take_escape(in, to)) return 0;
    } else {
      put(to, c);
    }
  }
  return 0;
}

/* Any value, whatever it is. Numbers and words are runs of their characters. */
static int skip_value(cursor *in, int depth) {
  sink nobody = {0};
  skip_blank(in);
  if (in->at == in->end || depth == DEPTH_MAX) return 0;
  char open = *in->at;
  if (open == '"') return take_string(in, &nobody);
  if (open != '{' && open != '[') {
    const char *start = in->at;
    while (in->at < in->end && (is_word(*in->at) || is_any(*in->at, "+-."))) in->at++;
    return in->at > start;
  }
  char close = open == '{' ? '}' : ']';
  in->at++;
  if (take(in, close)) return 1;
  do {
    if (open == '{' && !(take_string(in, &nobody) && take(in, ':'))) return 0;
    if (!skip_value(in, depth + 1)) return 0;
  } while (take(in, ','));
  return take(in, close);
}

static uint32_t take_line(cursor *in) {
  uint32_t line = 0;
  skip_blank(in);
  for (; in->at < in->end && is_digit(*in->at) && line < 100000000; in->at++) {
    line = line * 10 + (uint32_t)(*in->at - '0');
  }
  return line;
}

/* One member of a finding; those that nobody asks for are skipped. */
static int take_member(cursor *in, told *found) {
  char key[16];
  sink name = {.out = key, .capacity = sizeof key};
  if (!take_string(in, &name) || !take(in, ':')) return 0;
  struct {
    const char *key;
    char *out;
    size_t capacity;
  } texts[] = {{"dimension", found->dimension, sizeof found->dimension},
               {"rule", found->rule, sizeof found->rule},
               {"level", found->level, sizeof found->level},
               {"file", found->file, sizeof found->file},
               {"message", found->message, sizeof found->message}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    if (strcmp(key, texts[i].key) != 0) continue;
    sink text = {.out = texts[i].out, .capacity = texts[i].capacity};
    int taken = take_string(in, &text);
    /* Half a message says something; half a path is another file. */
    if (text.is_cut && texts[i].out != found->message) found->is_cut = 1;
    return taken;
  }
  if (strcmp(key, "line") == 0) {
    skip_blank(in);
    if (in->at < in->end && is_digit(*in->at)) {
      found->line = take_line(in);
      return 1;
    }
  }
  return skip_value(in, 0);
}

static int take_finding(cursor *in, told *found) {
  memset(found, 0, sizeof *found);
  if (!take(in, '{')) return 0;
  if (take(in, '}')) return 1;
  do {
    if (!take_member(in, found)) return 0;
  } while (take(in, ','));
  return take(in, '}');
}

int read_facts(span json, void *context, void (*each)(void *context, const told *found)) {
  cursor in = {json.data, json.data + json.length};
  if (!take(&in, '{')) return 0;
  if (take(&in, '}')) return 1;
  do {
    char key[16];
    sink name = {.out = key, .capacity = sizeof key};
    if (!take_string(&in, &name) || !take(&in, ':')) return 0;
    if (strcmp(key, "findings") != 0 || !take(&in, '[')) {
      if (!skip_value(&in, 0)) return 0;
      continue;
    }
    if (take(&in, ']')) continue;
    do {
      told found;
      if (!take_finding(&in, &found)) return 0;
      each(context, &found);
    } while (take(&in, ','));
    if (!take(&in, ']')) return 0;
  } while (take(&in, ','));
  return take(&in, '}');
}
