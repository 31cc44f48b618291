// What can go wrong with a plugin or its worker: one code for programs, one message for people.
// The codes also travel in DONE messages, so their numbers never change.
#ifndef PLUGIN_ERROR_H
#define PLUGIN_ERROR_H

#include <stdbool.h>
#include <stdint.h>

enum {
  KZR_OK = 0,
  KZR_FILE = 1,        // the library is missing or cannot be read
  KZR_NOT_LIBRARY = 2, // not a shared library for this machine
  KZR_LOAD = 3,        // dlopen failed: a dependency or symbol is missing
  KZR_ENTRY = 4,       // it does not export kz_plugin_entry_v1
  KZR_EMPTY = 5,       // the entry gives no component
  KZR_DESCRIPTOR = 6,  // a descriptor is not as the contract says
  KZR_COMPONENT = 7,   // no component with that id in the library
  KZR_KIND = 8,        // the component is of another kind
  KZR_INTERFACE = 9,   // the function table of its kind is missing or too small
  KZR_CREATE = 10,     // create gave NULL, or activate failed
  KZR_STATE = 11,      // a call against the life cycle: our own bug, or a call while one runs
  KZR_VALUE = 12,      // the component emitted a value that is not as documented
  KZR_FAILED = 13,     // the component says the call failed
  KZR_STOPPED = 14,    // the component ended early because it was asked to
  KZR_PROTOCOL = 15,   // a message between daemon and worker is malformed
  KZR_SYSTEM = 16,     // a system call failed
  KZR_LIMIT = 17,      // something is larger than its limit
  KZR_SIGNATURE = 18,  // a function's signature cannot be read
  KZR_SYMBOL = 19,     // a library has no such function
  KZR_INPUT = 20,      // a function's input cannot be read or does not fit its signature
};

enum { KZR_ERROR_BYTES_MAX = 1024 };

typedef struct kzr_error {
  uint32_t code;                     // KZR_…
  char message[KZR_ERROR_BYTES_MAX]; // UTF-8, terminated by NUL, cut where too long
} kzr_error;

// Sets `error` (NULL is fine) and returns false, so that a check can end with it.
bool kzr_fail(kzr_error *error, uint32_t code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// The message of `error`, for languages to which arrays in structs are foreign.
const char *kzr_error_message(const kzr_error *error);

// The code's name for programs, such as "E_PLUGIN_ENTRY"; never NULL.
const char *kzr_code_name(uint32_t code);

// What to do about it, for people; NULL where there is nothing general to say.
const char *kzr_code_hint(uint32_t code);

#endif
