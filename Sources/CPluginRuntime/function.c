// Calls through libffi, prepared once (plugin_function.h).
#include "plugin_function.h"

#include <dlfcn.h>
#include <elf.h>
#include <ffi.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_check.h"

enum { WORDS_MAX = 2 * KZR_PARAMETERS_MAX }; // a pointer and its length are two arguments

struct kzr_function {
  kzr_signature signature;
  void (*address)(void);
  ffi_cif cif;
  ffi_type *types[WORDS_MAX];
  kzr_word words[WORDS_MAX]; // the arguments' values
  void *values[WORDS_MAX];   // where they are; one slot each, for good
  kzr_word left;             // the length behind a pointer
  uint8_t *out;
  uint64_t out_bytes;        // its size
  uint64_t capacity;         // of it in the current call
};

static ffi_type *ffi_type_of(kzr_type type) {
  switch (type) {
    case KZR_I8: return &ffi_type_sint8;
    case KZR_I16: return &ffi_type_sint16;
    case KZR_I32: return &ffi_type_sint32;
    case KZR_I64: return &ffi_type_sint64;
    case KZR_U8: return &ffi_type_uint8;
    case KZR_U16: return &ffi_type_uint16;
    case KZR_U32: return &ffi_type_uint32;
    case KZR_U64: return &ffi_type_uint64;
    case KZR_F32: return &ffi_type_float;
    default: return &ffi_type_double;
  }
}

// ---- Opening

// dlsym gives data as readily as functions; calling it would be a crash that explains nothing.
// What has no symbol of its own (the target of an IFUNC) is taken for a function.
static bool is_data(void *address) {
  Dl_info info;
  const ElfW(Sym) *symbol = NULL;
  if (!dladdr1(address, &info, (void **)&symbol, RTLD_DL_SYMENT) || !symbol) return false;
  int type = ELF64_ST_TYPE(symbol->st_info); // the same for both classes: elf(5)
  return info.dli_saddr == address && (type == STT_OBJECT || type == STT_TLS);
}

static bool find_symbol(kzr_function *self, const char *library, const char *symbol,
                        kzr_error *error) {
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *reason = dlerror();
    return kzr_fail(error, KZR_LOAD, "dlopen: %s", reason ? reason : library);
  }
  void *address = dlsym(handle, symbol);
  if (!address) {
    return kzr_fail(error, KZR_SYMBOL, "%s has no symbol \"%s\"", library, symbol);
  }
  if (is_data(address)) {
    return kzr_fail(error, KZR_SYMBOL, "\"%s\" of %s is data, expected a function", symbol, library);
  }
  self->address = (void (*)(void))address; // dlsym(3): POSIX lets us
  return true;
}

static void add_word(kzr_function *self, unsigned *count, ffi_type *type) {
  self->types[*count] = type;
  self->values[*count] = &self->words[*count];
  *count += 1;
}

// One or two arguments for each parameter; what never changes is filled in here.
static bool prepare(kzr_function *self, kzr_error *error) {
  unsigned count = 0;
  for (uint32_t i = 0; i < self->signature.count; i++) {
    const kzr_parameter *each = &self->signature.parameters[i];
    switch (each->form) {
      case KZR_CONSTANT: self->words[count] = each->constant; // fall through
      case KZR_TAKES: add_word(self, &count, ffi_type_of(each->type)); break;
      case KZR_NULL:
      case KZR_UTF8: add_word(self, &count, &ffi_type_pointer); break;
      default:
        add_word(self, &count, &ffi_type_pointer);
        add_word(self, &count, each->by_reference ? &ffi_type_pointer : ffi_type_of(each->type));
        if (each->by_reference) self->words[count - 1].p = &self->left;
    }
  }
  ffi_status status = ffi_prep_cif(&self->cif, FFI_DEFAULT_ABI, count,
                                   ffi_type_of(self->signature.result), self->types);
  if (status == FFI_OK) return true;
  return kzr_fail(error, KZR_SIGNATURE, "libffi refused the signature (status %d)", (int)status);
}

kzr_function *kzr_function_open(const char *library, const char *symbol, kz_text signature,
                                kzr_error *error) {
  kzr_function *self = calloc(1, sizeof *self);
  if (!self) {
    kzr_fail(error, KZR_SYSTEM, "out of memory");
    return NULL;
  }
  if (kzr_signature_parse(signature, &self->signature, error) &&
      find_symbol(self, library, symbol, error) && prepare(self, error)) {
    return self;
  }
  free(self);
  return NULL;
}

void kzr_function_free(kzr_function *self) {
  if (!self) return;
  free(self->out);
  free(self);
}

// ---- Arguments

// Whether `value` goes into `type` unchanged but for what lies behind the point.
static bool fits(kzr_type type, double value) {
  switch (type) {
    case KZR_I8: return value >= INT8_MIN && value <= INT8_MAX;
    case KZR_I16: return value >= INT16_MIN && value <= INT16_MAX;
    case KZR_I32: return value >= INT32_MIN && value <= INT32_MAX;
    case KZR_I64: return value >= -0x1p63 && value < 0x1p63;
    case KZR_U8: return value >= 0 && value <= UINT8_MAX;
    case KZR_U16: return value >= 0 && value <= UINT16_MAX;
    case KZR_U32: return value >= 0 && value <= UINT32_MAX;
    case KZR_U64: return value >= 0 && value < 0x1p64;
    default: return true;
  }
}

static bool set_number(kzr_word *word, kzr_type type, double value, kzr_error *error) {
  if (!fits(type, value)) {
    return kzr_fail(error, KZR_INPUT, "the number %g does not fit the parameter's integer", value);
  }
  switch (type) {
    case KZR_F64: word->d = value; break;
    case KZR_F32: word->f = (float)value; break;
    case KZR_U64: word->u = (uint64_t)value; break;
    default: word->i = (int64_t)value; // little-endian: the low bytes are the narrower integer
  }
  return true;
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "narrow integers lie at a word's start");

static bool set_out(kzr_function *self, const kzr_parameter *parameter, uint64_t input_bytes,
                    kzr_word *words, kzr_error *error) {
  uint64_t capacity = parameter->capacity + (parameter->plus_input ? input_bytes : 0);
  if (capacity > KZR_OUT_BYTES_MAX) {
    return kzr_fail(error, KZR_INPUT, "an out buffer of %llu bytes, expected at most %d",
                    (unsigned long long)capacity, KZR_OUT_BYTES_MAX);
  }
  if (capacity > self->out_bytes) {
    free(self->out);
    self->out_bytes = 0;
    self->out = malloc(capacity);
    if (!self->out) return kzr_fail(error, KZR_SYSTEM, "out of memory");
    self->out_bytes = capacity;
  }
  self->capacity = capacity;
  self->left.u = capacity;
  words[0].p = self->out;
  if (!parameter->by_reference) words[1].u = capacity;
  return true;
}

static bool set_text(const kz_text *data, kzr_word *word, kzr_error *error) {
  if (!kzr_is_utf8(*data) || memchr(data->data ? data->data : "", 0, data->length)) {
    return kzr_fail(error, KZR_INPUT, "the input is not UTF-8 without NUL, as utf8 asks for");
  }
  word->p = (void *)(data->data ? data->data : "");
  return true;
}

static bool set_arguments(kzr_function *self, const kzr_input *input, kzr_error *error) {
  kzr_word *word = self->words;
  const double *number = input->numbers;
  for (uint32_t i = 0; i < self->signature.count; i++) {
    const kzr_parameter *each = &self->signature.parameters[i];
    bool good = true;
    switch (each->form) {
      case KZR_TAKES: good = set_number(word++, each->type, *number++, error); break;
      case KZR_UTF8: good = set_text(&input->data, word++, error); break;
      case KZR_BYTES:
        word++->p = (void *)(input->data.data ? input->data.data : "");
        word++->u = input->data.length;
        break;
      case KZR_ARRAY:
        word++->p = (void *)input->numbers;
        word++->u = input->number_count;
        break;
      case KZR_OUT:
        good = set_out(self, each, input->data.length, word, error);
        word += 2;
        break;
      default: word++;
    }
    if (!good) return false;
  }
  return true;
}

// ---- Calling

// ffi_call(3): an integer narrower than ffi_arg comes back as a whole ffi_arg or ffi_sarg.
static void read_result(const kzr_function *self, const kzr_word *result, kzr_returned *returned) {
  returned->bits = result->u;
  switch (self->signature.result) {
    case KZR_F64: returned->value = result->d; return;
    case KZR_F32:
      returned->value = (double)result->f;
      returned->bits = (uint32_t)result->u;
      return;
    case KZR_I8: returned->bits = (uint64_t)(int64_t)(int8_t)result->i; break;
    case KZR_I16: returned->bits = (uint64_t)(int64_t)(int16_t)result->i; break;
    case KZR_I32: returned->bits = (uint64_t)(int64_t)(int32_t)result->i; break;
    case KZR_I64: break;
    case KZR_U8: returned->value = (double)(returned->bits = (uint8_t)result->u); return;
    case KZR_U16: returned->value = (double)(returned->bits = (uint16_t)result->u); return;
    case KZR_U32: returned->value = (double)(returned->bits = (uint32_t)result->u); return;
    default: returned->value = (double)result->u; return;
  }
  returned->value = (double)(int64_t)returned->bits;
}

static bool read_length(const kzr_function *self, kzr_returned *returned, kzr_error *error) {
  returned->length = 0;
  if (!self->signature.leaves_length) return true;
  uint64_t left = self->left.u;
  for (uint32_t i = 0; i < self->signature.count; i++) {
    const kzr_parameter *each = &self->signature.parameters[i];
    if (each->by_reference && (each->type == KZR_I32 || each->type == KZR_U32)) left = (uint32_t)left;
  }
  if (left > self->capacity) {
    return kzr_fail(error, KZR_VALUE, "the function left a length of %llu in a buffer of %llu bytes",
                    (unsigned long long)left, (unsigned long long)self->capacity);
  }
  returned->length = left;
  return true;
}

bool kzr_function_call(kzr_function *self, const kzr_input *input, kzr_returned *returned,
                       kzr_error *error) {
  bool numbers = self->signature.numbers > 0;
  if (input->data.length > KZR_INPUT_BYTES_MAX || input->number_count > KZR_NUMBERS_MAX ||
      (numbers ? input->number_count != self->signature.numbers
               : !self->signature.takes_array && input->number_count > 0)) {
    return kzr_fail(error, KZR_INPUT, "an input of %u numbers and %llu bytes, which the signature "
                    "does not take", input->number_count, (unsigned long long)input->data.length);
  }
  if (!set_arguments(self, input, error)) return false;
  kzr_word result = {0};
  ffi_call(&self->cif, self->address, &result, self->values);
  returned->input_bytes = input->data.length;
  read_result(self, &result, returned);
  return read_length(self, returned, error);
}
