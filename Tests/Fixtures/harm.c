// Hurts its own process in the way that the agent's id names.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fixture.h"

enum { CHUNK_BYTES = 1 << 20, GIGABYTE_CHUNKS = 1024 };

static volatile void *volatile sink_hole; // keeps the compiler from leaving memory out

static void allocate(void) {
  for (;;) {
    char *more = malloc(CHUNK_BYTES);
    if (!more) abort();
    memset(more, 1, CHUNK_BYTES);
    sink_hole = more;
  }
}

static void fork_on(void) {
  for (;;) fork();
}

static void talk(void) {
  char *chunk = malloc(CHUNK_BYTES);
  if (!chunk) abort();
  memset(chunk, 'x', CHUNK_BYTES);
  for (int fd = 1; fd <= 2; fd++) {
    for (int i = 0; i < GIGABYTE_CHUNKS; i++) {
      if (write(fd, chunk, CHUNK_BYTES) < 0) break;
    }
  }
  abort();
}

// Exported, so that a stack can name it.
__attribute__((noinline)) void harm_turns_for_ever(void) {
  for (;;) sink_hole = (volatile void *)&sink_hole;
}

static void deep(int turns) {
  volatile char page[4096];
  page[0] = (char)turns;
  if (turns >= 0) deep(turns + page[0] - (char)turns + 1);
}

ANALYZE(analyze) {
  (void)instance;
  kz_text how = view->agent;
  if (kz_text_is(how, "segfault")) *(volatile int *)8 = 1;
  if (kz_text_is(how, "abort")) abort();
  if (kz_text_is(how, "exit")) exit(0);
  if (kz_text_is(how, "exit-3")) _exit(3);
  if (kz_text_is(how, "loop")) harm_turns_for_ever();
  if (kz_text_is(how, "sleep")) for (;;) pause();
  if (kz_text_is(how, "allocate")) allocate();
  if (kz_text_is(how, "forks")) fork_on();
  if (kz_text_is(how, "stack")) deep(1);
  if (kz_text_is(how, "closes")) {
    syscall(SYS_close_range, 0, ~0U, 0);
    return KZ_OK;
  }
  if (kz_text_is(how, "output")) talk();
  if (kz_text_is(how, "stops")) raise(SIGSTOP);
  if (kz_text_is(how, "jumps")) ((void (*)(void))(uintptr_t)0x10)();
  if (kz_text_is(how, "null")) return sink->opportunity(sink, NULL);
  kz_opportunity found = sound_opportunity();
  if (kz_text_is(how, "utf8")) found.title = kz_text_of("caf\xE9");
  if (kz_text_is(how, "null-title")) found.title.data = NULL;
  if (kz_text_is(how, "lie")) found.type = kz_text_of("code_smell");
  if (kz_text_is(how, "huge")) found.title.length = 1UL << 60;
  return sink->opportunity(sink, &found);
}

ANALYZER("harm", "error_pattern", analyze)
