// glibc's archive has a dlopen that wants, at run time, the shared libraries of the very glibc it
// was linked from, and brings a second C library into the process. A static program of ours loads
// nothing: whoever asks is told so. The Swift runtime refers to these only to serve a debugging
// variable.
// Source: https://sourceware.org/glibc/wiki/FAQ, "Even statically linked programs need some shared
// libraries which is not acceptable for me".
#include "CStaticProgram.h"

#include <dlfcn.h>
#include <stddef.h>

static const char refusal[] = "this program is linked statically and loads no library";
static _Thread_local const char *last_error;

void *dlopen(const char *path, int flags) {
  (void)path;
  (void)flags;
  last_error = refusal;
  return NULL;
}

void *dlsym(void *restrict handle, const char *restrict name) {
  (void)handle;
  (void)name;
  last_error = refusal;
  return NULL;
}

// As dlerror(3): the message once, then nothing.
char *dlerror(void) {
  const char *error = last_error;
  last_error = NULL;
  return (char *)error;
}
