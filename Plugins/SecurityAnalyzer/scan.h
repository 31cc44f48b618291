/* What the parts of the security analyzer share. Nothing here is exported. */
#ifndef SCAN_H
#define SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma GCC visibility push(hidden)

enum {
  FILES_MAX = 20000,           /* files looked at in one call; the rest is reported, not read */
  FILE_BYTES_MAX = 1024 * 1024, /* bytes; of a longer file only the mode is checked */
  LINE_BYTES_MAX = 8192,       /* bytes of one line that are looked at */
  NAME_BYTES_MAX = 64,         /* bytes of a variable's name that are kept */
  PREVIEW_BYTES_MAX = 48,      /* bytes of a redacted preview */
  TOLD_BYTES_MAX = 400,        /* bytes of a scorer's message that are kept */
  FINDINGS_MAX = 100           /* findings of one call */
};

/* A run of bytes within a file; not terminated. */
typedef struct span {
  const char *data;
  size_t length;
} span;

/* One thing found in one place. It never holds the secret itself. */
typedef struct finding {
  const char *rule;  /* a static string */
  const char *what;  /* the rest of the title after the file's name; a static string */
  uint32_t line;     /* from 1; 0 = the file as a whole */
  double strength;   /* in [0,1]: how often the rule is right, see README.md */
  char name[NAME_BYTES_MAX + 1];       /* the variable assigned; empty where there is none */
  char preview[PREVIEW_BYTES_MAX + 1]; /* redacted; empty where there is nothing to show */
  const char *message; /* what a scorer says of it; NULL where this component found it itself */
} finding;

/* One finding of a scorer, as the host tells it; texts end with NUL. */
typedef struct told {
  char dimension[64];
  char rule[129];
  char level[16];
  char file[4097];
  char message[TOLD_BYTES_MAX + 1];
  uint32_t line; /* 0 = the file as a whole */
  int is_cut;    /* a text other than the message was too long */
} told;

/* Gives each of the findings in facts_json to `each`; 0 where the text is no such JSON. */
int read_facts(span json, void *context, void (*each)(void *context, const told *found));

/* What a file's name says about how it is written. */
typedef enum syntax { SYNTAX_QUOTED, SYNTAX_UNQUOTED_VALUES } syntax;

syntax syntax_of(span path);

/* Looks for a secret in one line; 1 and `found` filled (but for its line) where there is one. */
int scan_secret(span line, syntax how, finding *found);

/* Looks for a download piped into a shell in one logical line; 1 where there is one. */
int scan_pipe(span line, finding *found);

/* Opens `path` beneath `root` without following a link in it; -1 where that fails. */
int open_beneath(int root, span path);

/* Reads a whole file of at most FILE_BYTES_MAX into `buffer`; -1 on error or where it is longer. */
int64_t read_whole(int file, char *buffer);

/* Lower-case letter of an ASCII byte, and the classes used below, free of locale. */
static inline char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
static inline int is_digit(char c) { return c >= '0' && c <= '9'; }
static inline int is_alpha(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
static inline int is_word(char c) { return is_alpha(c) || is_digit(c) || c == '_'; }
static inline int is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
/* strchr finds the NUL at the end of `set` too; a NUL in a file is in no set. */
static inline int is_any(char c, const char *set) { return c && strchr(set, c); }

#pragma GCC visibility pop
#endif
