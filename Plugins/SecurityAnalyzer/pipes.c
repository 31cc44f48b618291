/* Finds a download that is executed: `curl … | sh`, `sh -c "$(curl …)"`, `bash <(curl …)`. */
#include "scan.h"

static const char *const downloaders[] = {"curl", "wget"};
static const char *const interpreters[] = {"sh",     "bash", "zsh",  "dash", "ksh", "ash", "python",
                                           "python3", "perl", "ruby", "node"};

/* White space within a command; a backslash at the end of a line continues it (XCU 2.2.1). */
static int is_gap(char c) { return is_blank(c) || c == '\\' || c == '\n'; }

/* The first place from `i` on that is no gap. */
static size_t skip_gap(span line, size_t i) {
  while (i < line.length && is_gap(line.data[i])) i++;
  return i;
}

/* The end of the word that starts at `i`. */
static size_t word_end(span line, size_t i) {
  while (i < line.length && (is_word(line.data[i]) || is_any(line.data[i], "./-"))) i++;
  return i;
}

/* Whether `word` is one of `words`. */
static int is_one_of(span word, const char *const *words, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strlen(words[i]) == word.length && memcmp(words[i], word.data, word.length) == 0) return 1;
  }
  return 0;
}

/* The last part of a path: /usr/bin/curl is curl. */
static span base_name(span word) {
  for (size_t i = word.length; i > 0; i--) {
    if (word.data[i - 1] == '/') return (span){word.data + i, word.length - i};
  }
  return word;
}

/* Whether the word, its folder left out, is a program that downloads. */
static int is_downloader(span word) { return is_one_of(base_name(word), downloaders, 2); }

/* Whether it is one that executes what it reads. */
static int is_interpreter(span word) {
  return is_one_of(base_name(word), interpreters, sizeof interpreters / sizeof *interpreters);
}

/* The word that starts at `i`; empty where none does. */
static span word_at(span line, size_t i) {
  return (span){line.data + i, word_end(line, i) - i};
}

/* Whether an interpreter stands at `i`, `sudo` or `env` and their options before it allowed. */
static int runs_interpreter(span line, size_t i) {
  for (int words = 0; words < 8; words++) {
    i = skip_gap(line, i);
    span word = word_at(line, i);
    if (word.length == 0) return 0;
    if (is_interpreter(word)) return 1;
    span base = base_name(word);
    if (word.data[0] != '-' && !is_one_of(base, (const char *const[]){"sudo", "env"}, 2)) return 0;
    i += word.length;
  }
  return 0;
}

/* Follows the pipeline that starts at `*end` until an interpreter reads it (1) or it ends (0, and
   `*end` is there: no command before it can be read by one either). */
static int is_piped_to_interpreter(span line, size_t *end) {
  char quote = '\0';
  for (size_t i = *end; i < line.length; i++) {
    *end = i;
    char c = line.data[i];
    if (quote) {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == ';' || (c == '&' && i + 1 < line.length && line.data[i + 1] == '&')) {
      return 0;
    } else if (c == '|') {
      if (i + 1 < line.length && line.data[i + 1] == '|') return 0;
      size_t next = i + 1 < line.length && line.data[i + 1] == '&' ? i + 2 : i + 1;
      if (runs_interpreter(line, next)) return 1;
    }
  }
  return 0;
}

/* Whether what stands before the `$(`, `<(` or backquote at `open` executes what comes out. */
static int executes_before(span line, size_t open) {
  size_t end = open;
  while (end > 0 && (is_gap(line.data[end - 1]) || is_any(line.data[end - 1], "\"'"))) end--;
  size_t start = end;
  while (start > 0 && (is_word(line.data[start - 1]) || is_any(line.data[start - 1], "./-"))) {
    start--;
  }
  span word = {line.data + start, end - start};
  if (line.data[open] == '<') {
    return is_interpreter(word) ||
           is_one_of(word, (const char *const[]){"source", ".", "<"}, 3);
  }
  return is_one_of(word, (const char *const[]){"-c", "eval"}, 2);
}

/* Where the substitution opens whose first word starts at `i`; `i` itself where there is none. */
static size_t substitution_before(span line, size_t i) {
  size_t at = i;
  while (at > 0 && is_gap(line.data[at - 1])) at--;
  if (at > 0 && line.data[at - 1] == '`') return at - 1;
  if (at > 1 && line.data[at - 1] == '(' && is_any(line.data[at - 2], "$<")) return at - 2;
  return i;
}

/* Empty lines and comments of shells and of C-like languages; Markdown headings look the same
   and hold no commands either. */
static int is_comment(span line) {
  size_t i = skip_gap(line, 0);
  if (i >= line.length) return 1;
  return line.data[i] == '#' ||
         (line.data[i] == '/' && i + 1 < line.length && line.data[i + 1] == '/');
}

int scan_pipe(span line, finding *found) {
  if (is_comment(line)) return 0;
  size_t followed = 0; /* pipelines were followed up to here */
  for (size_t i = 0; i < line.length;) {
    size_t end = word_end(line, i);
    if (end == i) {
      i++;
      continue;
    }
    span word = {line.data + i, end - i};
    size_t open = substitution_before(line, i);
    int downloads = is_downloader(word) && end < line.length && is_gap(line.data[end]);
    int executed = downloads && open != i && executes_before(line, open);
    if (downloads && !executed && end > followed) {
      followed = end;
      executed = is_piped_to_interpreter(line, &followed);
    }
    if (executed) {
      found->rule = "download-to-shell";
      found->what = "pipes a download into a shell";
      found->strength = 0.9;
      return 1;
    }
    i = end;
  }
  return 0;
}
