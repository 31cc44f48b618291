// Reads signatures: the grammar is in plugin_function.h.
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_function.h"

typedef struct {
  const char *text; // ended by NUL
  size_t at;
  kzr_error *error;
} parser;

static const struct {
  const char *name;
  int64_t min;
  uint64_t max;
} types[] = {
    [KZR_I8] = {"i8", INT8_MIN, INT8_MAX},    [KZR_I16] = {"i16", INT16_MIN, INT16_MAX},
    [KZR_I32] = {"i32", INT32_MIN, INT32_MAX}, [KZR_I64] = {"i64", INT64_MIN, INT64_MAX},
    [KZR_U8] = {"u8", 0, UINT8_MAX},          [KZR_U16] = {"u16", 0, UINT16_MAX},
    [KZR_U32] = {"u32", 0, UINT32_MAX},       [KZR_U64] = {"u64", 0, UINT64_MAX},
    [KZR_F32] = {"f32", 0, 0},                [KZR_F64] = {"f64", 0, 0},
};
enum { TYPES = sizeof types / sizeof types[0] };

#define TYPE_NAMES "i8, i16, i32, i64, u8, u16, u32, u64, f32 or f64"

// ---- Tokens

static void skip_spaces(parser *self) {
  while (self->text[self->at] == ' ') self->at++;
}

static bool expected(parser *self, const char *what) {
  const char *rest = self->text + self->at;
  if (*rest == '\0') {
    return kzr_fail(self->error, KZR_SIGNATURE, "signature \"%s\", byte %zu: expected %s, found its "
                    "end", self->text, self->at + 1, what);
  }
  return kzr_fail(self->error, KZR_SIGNATURE, "signature \"%s\", byte %zu: expected %s, found "
                  "\"%.16s\"", self->text, self->at + 1, what, rest);
}

// Takes `mark` where it comes next.
static bool takes(parser *self, const char *mark) {
  skip_spaces(self);
  size_t length = strlen(mark);
  if (strncmp(self->text + self->at, mark, length) != 0) return false;
  self->at += length;
  return true;
}

static bool must(parser *self, const char *mark, const char *what) {
  return takes(self, mark) || expected(self, what);
}

static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Takes `word` where it comes next and ends there.
static bool takes_word(parser *self, const char *word) {
  skip_spaces(self);
  size_t length = strlen(word);
  if (strncmp(self->text + self->at, word, length) != 0) return false;
  if (is_word(self->text[self->at + length])) return false;
  self->at += length;
  return true;
}

static bool takes_type(parser *self, kzr_type *type) {
  for (int i = 0; i < TYPES; i++) {
    if (!takes_word(self, types[i].name)) continue;
    *type = (kzr_type)i;
    return true;
  }
  return false;
}

// ---- Numbers

static bool get_real(parser *self, kzr_type type, kzr_word *word) {
  char *end;
  errno = 0;
  double value = strtod(self->text + self->at, &end);
  if (end == self->text + self->at || !isfinite(value)) return expected(self, "a finite number");
  self->at = (size_t)(end - self->text);
  if (type == KZR_F32) word->f = (float)value;
  else word->d = value;
  return true;
}

// strtoull(3) takes a sign and wraps: so the sign is ours to look at.
static bool get_integer(parser *self, kzr_type type, kzr_word *word) {
  char what[96];
  snprintf(what, sizeof what, "an integer from %lld to %llu", (long long)types[type].min,
           (unsigned long long)types[type].max);
  const char *start = self->text + self->at;
  bool negative = *start == '-';
  const char *digits = start + negative;
  if (*digits < '0' || *digits > '9') return expected(self, what);
  char *end;
  errno = 0;
  unsigned long long value = strtoull(digits, &end, 10);
  uint64_t least = types[type].min < 0 ? (uint64_t)-(types[type].min + 1) + 1 : 0;
  if (errno || is_word(*end) || *end == '.' || value > (negative ? least : types[type].max)) {
    return expected(self, what);
  }
  self->at = (size_t)(end - self->text);
  word->u = negative ? 0 - value : value;
  return true;
}

static bool get_number(parser *self, kzr_type type, kzr_word *word) {
  skip_spaces(self);
  word->u = 0;
  bool real = type == KZR_F32 || type == KZR_F64;
  return real ? get_real(self, type, word) : get_integer(self, type, word);
}

// ---- Parameters

static bool get_length_type(parser *self, kzr_parameter *parameter) {
  kzr_type type;
  size_t start = self->at;
  bool good = takes_type(self, &type) && (type == KZR_I32 || type == KZR_U32 || type == KZR_I64 ||
                                          type == KZR_U64);
  if (!good) {
    self->at = start;
    return expected(self, "the length's type: i32, u32, i64 or u64");
  }
  parameter->type = type;
  return true;
}

static bool get_length(parser *self, kzr_parameter *parameter) {
  parameter->type = KZR_U64;
  if (!takes(self, ":")) return true;
  if (parameter->form == KZR_OUT) parameter->by_reference = takes(self, "&");
  return get_length_type(self, parameter);
}

static bool get_out(parser *self, kzr_parameter *parameter) {
  if (!must(self, "[", "\"[\" and a capacity in bytes")) return false;
  parameter->plus_input = takes_word(self, "input");
  if (parameter->plus_input && !must(self, "+", "\"+\" and the bytes on top")) return false;
  kzr_word capacity;
  skip_spaces(self);
  size_t start = self->at;
  if (!get_integer(self, KZR_U32, &capacity)) return false;
  if (capacity.u > KZR_OUT_BYTES_MAX || (capacity.u == 0 && !parameter->plus_input)) {
    self->at = start;
    return expected(self, "a capacity from 1 to 67108864 bytes");
  }
  parameter->capacity = capacity.u;
  return must(self, "]", "\"]\"") && get_length(self, parameter);
}

static bool get_typed(parser *self, kzr_parameter *parameter) {
  if (takes(self, "=")) {
    parameter->form = KZR_CONSTANT;
    return get_number(self, parameter->type, &parameter->constant);
  }
  parameter->form = KZR_TAKES;
  if (parameter->type != KZR_F64 || !takes(self, "[")) return true;
  parameter->form = KZR_ARRAY;
  return must(self, "]", "\"]\"") && get_length(self, parameter);
}

static bool get_parameter(parser *self, kzr_parameter *parameter) {
  *parameter = (kzr_parameter){.form = KZR_NULL};
  if (takes_type(self, &parameter->type)) return get_typed(self, parameter);
  if (takes_word(self, "null")) return true;
  if (takes_word(self, "utf8")) {
    parameter->form = KZR_UTF8;
    return true;
  }
  if (takes_word(self, "bytes")) {
    parameter->form = KZR_BYTES;
    return get_length(self, parameter);
  }
  if (takes_word(self, "out")) {
    parameter->form = KZR_OUT;
    return get_out(self, parameter);
  }
  skip_spaces(self);
  return expected(self, "a parameter: " TYPE_NAMES ", one of them and \"=\" with a number, f64[], "
                        "bytes, utf8, out[…] or null");
}

// Counts what `added` takes; refuses what cannot stand beside the others.
static bool count_parameter(parser *self, size_t start, kzr_signature *signature,
                            const kzr_parameter *added) {
  bool data = added->form == KZR_UTF8 || added->form == KZR_BYTES;
  bool array = added->form == KZR_ARRAY;
  bool number = added->form == KZR_TAKES;
  const char *clash = NULL;
  if ((data || array) && (signature->takes_data || signature->takes_array)) {
    clash = "no second parameter that takes the whole input";
  } else if ((data || array) ? signature->numbers > 0
                             : number && (signature->takes_data || signature->takes_array)) {
    clash = "a number with its value beside bytes, utf8 or f64[], such as i32=0";
  }
  for (uint32_t i = 0; i + 1 < signature->count && added->form == KZR_OUT; i++) {
    if (signature->parameters[i].form == KZR_OUT) clash = "one out buffer";
  }
  if (clash) {
    self->at = start;
    return expected(self, clash);
  }
  signature->takes_data |= data;
  signature->takes_array |= array;
  signature->numbers += number;
  signature->leaves_length |= added->by_reference;
  return true;
}

static bool get_parameters(parser *self, kzr_signature *signature) {
  if (!must(self, "(", "\"(\"")) return false;
  if (takes(self, ")")) return true;
  do {
    if (signature->count == KZR_PARAMETERS_MAX) return expected(self, "at most 8 parameters");
    skip_spaces(self);
    size_t start = self->at;
    kzr_parameter *next = &signature->parameters[signature->count++];
    if (!get_parameter(self, next) || !count_parameter(self, start, signature, next)) return false;
  } while (takes(self, ","));
  return must(self, ")", "\",\" or \")\"");
}

static bool has_whole_input(parser *self, const kzr_signature *signature) {
  if (signature->takes_data || signature->takes_array || signature->numbers > 0) return true;
  return kzr_fail(self->error, KZR_SIGNATURE, "signature \"%s\": expected a parameter that takes the "
                  "input (a type without a value, f64[], bytes or utf8), found none", self->text);
}

bool kzr_signature_parse(kz_text text, kzr_signature *signature, kzr_error *error) {
  char copy[KZR_SIGNATURE_BYTES_MAX + 1];
  memset(signature, 0, sizeof *signature);
  if (text.length > KZR_SIGNATURE_BYTES_MAX || memchr(text.data ? text.data : "", 0, text.length)) {
    return kzr_fail(error, KZR_SIGNATURE, "a signature of %llu bytes, expected at most %d and no NUL",
                    (unsigned long long)text.length, KZR_SIGNATURE_BYTES_MAX);
  }
  if (text.length > 0) memcpy(copy, text.data, text.length);
  copy[text.length] = '\0';
  parser self = {.text = copy, .error = error};
  if (!takes_type(&self, &signature->result)) {
    return expected(&self, "the result's type: " TYPE_NAMES);
  }
  if (!get_parameters(&self, signature)) return false;
  skip_spaces(&self);
  if (copy[self.at] != '\0') return expected(&self, "nothing after \")\"");
  return has_whole_input(&self, signature);
}
