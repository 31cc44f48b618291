// Calls of any function of any ordinary shared library, by a signature that the manifest gives.
//
//   signature = type "(" [ parameter { "," parameter } ] ")"
//   type      = "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "f32" | "f64"
//   parameter = type                                  takes the next number of the input
//             | type "=" number                       is always that number
//             | "null"                                is always a NULL pointer
//             | "utf8"                                the input as const char *, ended by NUL
//             | "bytes" [ ":" length ]                the input as pointer and length
//             | "f64[]" [ ":" length ]                all numbers of the input, pointer and length
//             | "out" "[" capacity "]" [ ":" [ "&" ] length ]
//                                                     a buffer, then its capacity: by value, or
//                                                     with & by a pointer behind which the
//                                                     function leaves what it wrote
//   capacity  = integer | "input" "+" integer         bytes; "input" is the input's own length
//   length    = "i32" | "u32" | "i64" | "u64"         "u64" where none is written
//
// Nothing can tell whether a signature is the function's own: a wrong one is a wild call, and so
// functions are called in a worker only. Each kzr_function is for one thread at a time.
#ifndef PLUGIN_FUNCTION_H
#define PLUGIN_FUNCTION_H

#include "kaizen_plugin.h"
#include "plugin_error.h"

enum {
  KZR_SIGNATURE_BYTES_MAX = 512,
  KZR_PARAMETERS_MAX = 8,
  KZR_NUMBERS_MAX = 64,                     // of one input
  KZR_INPUT_BYTES_MAX = 16 * 1024 * 1024,   // of one input: a larger file is refused
  KZR_OUT_BYTES_MAX = 64 * 1024 * 1024,
};

typedef enum {
  KZR_I8, KZR_I16, KZR_I32, KZR_I64, KZR_U8, KZR_U16, KZR_U32, KZR_U64, KZR_F32, KZR_F64,
} kzr_type;

typedef enum { KZR_TAKES, KZR_CONSTANT, KZR_NULL, KZR_UTF8, KZR_BYTES, KZR_ARRAY, KZR_OUT } kzr_form;

typedef union {
  int64_t i;
  uint64_t u;
  double d;
  float f;
  void *p;
} kzr_word;

typedef struct kzr_parameter {
  kzr_form form;
  kzr_type type;       // TAKES, CONSTANT; of the length for BYTES, ARRAY, OUT
  kzr_word constant;   // as `type` says
  bool by_reference;   // OUT: the length is behind a pointer
  bool plus_input;     // OUT: `capacity` comes on top of the input's length
  uint64_t capacity;   // OUT
} kzr_parameter;

typedef struct kzr_signature {
  kzr_type result;
  uint32_t count;
  uint32_t numbers;     // parameters that take one number each
  bool takes_data;      // one is utf8 or bytes
  bool takes_array;     // one is f64[]
  bool leaves_length;   // an out buffer's length comes back
  kzr_parameter parameters[KZR_PARAMETERS_MAX];
} kzr_signature;

// False with `error` naming the byte, what was expected there and what was found.
bool kzr_signature_parse(kz_text text, kzr_signature *signature, kzr_error *error);

typedef struct kzr_function kzr_function;

// Opens `library` (a path with a slash, or a name the dynamic linker looks up), finds `symbol` and
// prepares its calls. NULL with `error`. Free it with kzr_function_free; the library stays open.
kzr_function *kzr_function_open(const char *library, const char *symbol, kz_text signature,
                                kzr_error *error);
void kzr_function_free(kzr_function *function);

// What a call is given: numbers, or bytes.
typedef struct kzr_input {
  const double *numbers;
  uint32_t number_count;
  kz_text data; // lent; for utf8 a NUL stands behind its last byte
} kzr_input;

typedef struct kzr_returned {
  double value;         // the result as a number
  uint64_t bits;        // the result as it came, integers widened
  uint64_t length;      // what an out buffer's length was left as; 0 without one
  uint64_t input_bytes; // of the data
} kzr_returned;

// Calls it once. False with KZR_INPUT where the input does not fit the signature, KZR_VALUE where
// the length left behind is more than the buffer.
bool kzr_function_call(kzr_function *function, const kzr_input *input, kzr_returned *returned,
                       kzr_error *error);

#endif
