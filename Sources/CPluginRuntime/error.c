#include "plugin_error.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

// vsnprintf may cut within a character; what is left of one at the end goes too.
static void trim_partial_character(char *text) {
  size_t length = strlen(text);
  size_t start = length;
  while (start > 0 && length - start < 4 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) {
    start--;
  }
  if (start == 0) return;
  unsigned char lead = (unsigned char)text[start - 1];
  size_t needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (length - start + 1 < needed) text[start - 1] = '\0';
}

bool kzr_fail(kzr_error *error, uint32_t code, const char *format, ...) {
  if (!error) return false;
  error->code = code;
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  if (length >= (int)sizeof error->message) trim_partial_character(error->message);
  return false;
}

const char *kzr_error_message(const kzr_error *error) { return error->message; }

// Index = code.
static const struct {
  const char *name;
  const char *hint;
} codes[] = {
    [KZR_OK] = {"OK", NULL},
    [KZR_FILE] = {"E_PLUGIN_FILE", "check \"library\" in the manifest: it is relative to it"},
    [KZR_NOT_LIBRARY] = {"E_PLUGIN_NOT_A_LIBRARY",
                         "build the plugin as a shared library for this machine (cc -shared -fPIC)"},
    [KZR_LOAD] = {"E_PLUGIN_LOAD",
                  "install what is missing, or link it; `ldd` on the library shows it"},
    [KZR_ENTRY] = {"E_PLUGIN_ENTRY",
                   "export kz_plugin_entry_v1 with default visibility, in C++ as extern \"C\""},
    [KZR_EMPTY] = {"E_PLUGIN_EMPTY", "return a descriptor at least for index 0"},
    [KZR_DESCRIPTOR] = {"E_PLUGIN_DESCRIPTOR", "build the plugin anew with this kaizen_plugin.h"},
    [KZR_COMPONENT] = {"E_PLUGIN_COMPONENT", "make the manifest's \"id\" one that the library has"},
    [KZR_KIND] = {"E_PLUGIN_KIND", "make the manifest's \"kind\" that of the descriptor"},
    [KZR_INTERFACE] = {"E_PLUGIN_INTERFACE",
                       "answer the id of the kind's function table in descriptor.interface"},
    [KZR_CREATE] = {"E_PLUGIN_CREATE", NULL},
    [KZR_STATE] = {"E_PLUGIN_STATE", NULL},
    [KZR_VALUE] = {"E_PLUGIN_VALUE", "emit only what kaizen_plugin.h allows"},
    [KZR_FAILED] = {"E_PLUGIN_FAILED", NULL},
    [KZR_STOPPED] = {"E_PLUGIN_STOPPED", "raise \"deadline_ms\" where it needs more time"},
    [KZR_PROTOCOL] = {"E_WORKER_PROTOCOL", "use daemon and worker of the same build"},
    [KZR_SYSTEM] = {"E_SYSTEM", NULL},
    [KZR_LIMIT] = {"E_LIMIT", NULL},
    [KZR_SIGNATURE] = {"E_PLUGIN_SIGNATURE", "docs/plugins.md has the grammar of signatures"},
    [KZR_SYMBOL] = {"E_PLUGIN_SYMBOL", "`nm -D` on the library shows what it exports"},
    [KZR_INPUT] = {"E_PLUGIN_INPUT", NULL},
};

enum { CODES = sizeof codes / sizeof codes[0] };

const char *kzr_code_name(uint32_t code) {
  return code < CODES ? codes[code].name : "E_PLUGIN_UNKNOWN";
}

const char *kzr_code_hint(uint32_t code) { return code < CODES ? codes[code].hint : NULL; }
