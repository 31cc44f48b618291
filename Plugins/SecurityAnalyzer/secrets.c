/* Finds secrets: by the prefix their issuer gives them, and by a telling name with a random
   value. */
#include "scan.h"

#include <stdio.h>

typedef enum charset { WORDS, WORDS_AND_DASHES, UPPER_BASE32 } charset;

/*
 * Tokens with a prefix of their issuer. Shapes as published by the issuers and collected in
 * https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml and in GitHub's "Supported
 * secret scanning patterns" (https://docs.github.com/en/code-security/secret-scanning); lengths
 * are the least.
 */
typedef struct issuer {
  const char *prefix;
  charset rest;
  uint32_t rest_min; /* characters after the prefix */
  const char *rule;
  const char *what;
} issuer;

static const issuer issuers[] = {
    {"AKIA", UPPER_BASE32, 16, "aws-access-key", "holds an AWS access key"},
    {"ASIA", UPPER_BASE32, 16, "aws-access-key", "holds an AWS access key"},
    {"ghp_", WORDS, 36, "github-token", "holds a GitHub token"},
    {"gho_", WORDS, 36, "github-token", "holds a GitHub token"},
    {"ghu_", WORDS, 36, "github-token", "holds a GitHub token"},
    {"ghs_", WORDS, 36, "github-token", "holds a GitHub token"},
    {"ghr_", WORDS, 36, "github-token", "holds a GitHub token"},
    {"github_pat_", WORDS, 82, "github-token", "holds a GitHub token"},
    {"glpat-", WORDS_AND_DASHES, 20, "gitlab-token", "holds a GitLab token"},
    {"sk-ant-", WORDS_AND_DASHES, 40, "anthropic-key", "holds an Anthropic API key"},
    {"sk-proj-", WORDS_AND_DASHES, 40, "openai-key", "holds an OpenAI API key"},
    {"sk_live_", WORDS, 16, "stripe-key", "holds a Stripe key"},
    {"rk_live_", WORDS, 16, "stripe-key", "holds a Stripe key"},
    {"xoxb-", WORDS_AND_DASHES, 24, "slack-token", "holds a Slack token"},
    {"xoxp-", WORDS_AND_DASHES, 24, "slack-token", "holds a Slack token"},
    {"AIza", WORDS_AND_DASHES, 35, "google-key", "holds a Google API key"},
    {"hf_", WORDS, 34, "huggingface-token", "holds a Hugging Face token"},
    {"npm_", WORDS, 36, "npm-token", "holds an npm token"},
    {"pypi-AgEIcHlwaS5vcmc", WORDS_AND_DASHES, 50, "pypi-token", "holds a PyPI token"},
};

/* Parts of a name that say its value is secret, in lower case. */
static const char *const telling[] = {"secret",     "token",       "password",  "passwd",
                                      "api_key",    "apikey",      "api-key",   "access_key",
                                      "access-key", "private_key", "auth_key",  "credential"};

/* Parts of a value that say it is none, in lower case. */
static const char *const placeholders[] = {"example", "changeme", "change-me", "placeholder",
                                           "dummy",   "your",     "xxxx",      "sample",
                                           "redacted", "todo"};

/* Constants behind the generic rule; README.md says how they were chosen. */
enum { VALUE_BYTES_MIN = 16, VALUE_BYTES_MAX = 512, CHANGES_MIN = 2, CHANGES_PERCENT_MIN = 10 };
static const double entropy_bits_min = 3.0;  /* bits per character */
static const double entropy_bits_sure = 4.5; /* where the strength is highest */

/* Whether `c` is of the alphabet an issuer uses behind its prefix. */
static int in_charset(char c, charset set) {
  switch (set) {
    case WORDS: return is_word(c);
    case WORDS_AND_DASHES: return is_word(c) || c == '-';
    case UPPER_BASE32: return (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7');
  }
  return 0;
}

/* Whether `part`, in lower case, stands in `text`, in any case. */
static int contains(span text, const char *part) {
  size_t length = strlen(part);
  for (size_t i = 0; i + length <= text.length; i++) {
    size_t same = 0;
    while (same < length && lower(text.data[i + same]) == part[same]) same++;
    if (same == length) return 1;
  }
  return 0;
}

/* Whether any of the parts does. */
static int contains_any(span text, const char *const *parts, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (contains(text, parts[i])) return 1;
  }
  return 0;
}

/* Whether a part of the name tells; not where a word goes on, as in "tokenizer". */
static int is_telling(span name) {
  for (size_t i = 0; i < sizeof telling / sizeof *telling; i++) {
    size_t length = strlen(telling[i]);
    for (size_t at = 0; at + length <= name.length; at++) {
      char next = at + length < name.length ? name.data[at + length] : '_';
      if (next >= 'a' && next <= 'z') continue;
      if (contains((span){name.data + at, length}, telling[i])) return 1;
    }
  }
  return 0;
}

/* log2 by repeated squaring to 2^-20, so that the library needs no libm in the process it is in. */
static double log2_of(uint32_t n) {
  double value = n, result = 0, bit = 0.5;
  while (value >= 2) value /= 2, result += 1;
  for (int i = 0; i < 20; i++, bit /= 2) {
    value *= value;
    if (value >= 2) value /= 2, result += bit;
  }
  return result;
}

/* Shannon entropy of the bytes, in bits per byte: sum over c of n_c/n log2(n/n_c). */
static double entropy_bits(span text) {
  uint32_t counts[256] = {0};
  double sum = 0;
  if (text.length == 0) return 0;
  for (size_t i = 0; i < text.length; i++) counts[(unsigned char)text.data[i]]++;
  for (int c = 0; c < 256; c++) {
    if (counts[c]) sum += counts[c] * log2_of(counts[c]);
  }
  return log2_of((uint32_t)text.length) - sum / (double)text.length;
}

/* Four characters and the length: enough to recognize a value one knows, not to guess it. */
static void redact(span value, finding *found) {
  int shown = value.length >= VALUE_BYTES_MIN ? 4 : 0;
  snprintf(found->preview, sizeof found->preview, "%.*s… (%zu characters)", shown, value.data,
           value.length);
}

/* A known prefix at the beginning of a word, with enough of the right alphabet behind it. The
   prefix alone proves nothing: documentation is full of "ghp_…". */
static int scan_issuers(span line, finding *found) {
  for (size_t i = 0; i < line.length; i++) {
    if (i > 0 && is_word(line.data[i - 1])) continue;
    for (size_t k = 0; k < sizeof issuers / sizeof *issuers; k++) {
      const issuer *by = &issuers[k];
      size_t prefix = strlen(by->prefix), end = i + prefix;
      if (end > line.length || memcmp(line.data + i, by->prefix, prefix) != 0) continue;
      while (end < line.length && in_charset(line.data[end], by->rest)) end++;
      span value = {line.data + i, end - i};
      if (value.length < prefix + by->rest_min) continue;
      if (contains_any(value, placeholders, sizeof placeholders / sizeof *placeholders)) {
        i = end - 1; /* past it, else a line of such values takes quadratic time */
        break;
      }
      found->rule = by->rule;
      found->what = by->what;
      found->strength = 0.99;
      redact(value, found);
      return 1;
    }
  }
  return 0;
}

/* RFC 7468, section 2: the label stands between BEGIN and five dashes. */
static int scan_private_key(span line, finding *found) {
  static const char begin[] = "-----BEGIN ", key[] = "PRIVATE KEY";
  const char *start = memmem(line.data, line.length, begin, sizeof begin - 1);
  if (!start) return 0;
  size_t left = line.length - (size_t)(start - line.data);
  if (!memmem(start, left, key, sizeof key - 1)) return 0;
  found->rule = "private-key";
  found->what = "holds a private key";
  found->strength = 0.99;
  return 1;
}

/* The first place from `i` on that is no blank. */
static size_t skip_blanks(span line, size_t i) {
  while (i < line.length && is_blank(line.data[i])) i++;
  return i;
}

/* Past `: Type` of an annotated Python assignment, where `i` is just after the colon; else `i`. */
static size_t skip_annotation(span line, size_t i) {
  size_t k = skip_blanks(line, i);
  if (k >= line.length || !is_alpha(line.data[k])) return i;
  while (k < line.length && (is_word(line.data[k]) || is_any(line.data[k], ".[]| "))) k++;
  return k < line.length && line.data[k] == '=' ? k + 1 : i;
}

/* Past the `=`, `:`, `:=` or `=>` between a name ending at `i` and its value; 0 where there is
   none. */
static size_t skip_operator(span line, size_t i) {
  if (i < line.length && (line.data[i] == '"' || line.data[i] == '\'')) i++;
  if (i < line.length && line.data[i] == ']') i++;
  i = skip_blanks(line, i);
  if (i >= line.length) return 0;
  char first = line.data[i], second = i + 1 < line.length ? line.data[i + 1] : '\0';
  if (first == '=' && second == '=') return 0;
  if ((first == '=' && second == '>') || (first == ':' && second == '=')) return i + 2;
  if (first == '=') return i + 1;
  return first == ':' ? skip_annotation(line, i + 1) : 0;
}

/* The value that starts at `i`: what stands in quotes, or up to the next blank where the syntax
   has values without quotes. Empty where there is none. */
static span value_at(span line, size_t i, syntax how) {
  span none = {NULL, 0};
  i = skip_blanks(line, i);
  if (i + 1 < line.length && is_any(line.data[i], "rbuRBU")) {
    char next = line.data[i + 1]; /* r"…", b"…": Python's string prefixes */
    if (next == '"' || next == '\'') i++;
  }
  if (i >= line.length) return none;
  if (line.length - i > VALUE_BYTES_MAX + 2) line.length = i + VALUE_BYTES_MAX + 2;
  char quote = line.data[i];
  size_t end = i + 1;
  if (quote == '"' || quote == '\'' || quote == '`') {
    while (end < line.length && line.data[end] != quote) end++;
    if (end >= line.length) return none;
    return (span){line.data + i + 1, end - i - 1};
  }
  if (how != SYNTAX_UNQUOTED_VALUES) return none;
  while (end < line.length && line.data[end] > ' ' && !is_any(line.data[end], ";#\"'`&|()")) end++;
  return (span){line.data + i, end - i};
}

/* Whether it is like a random value: enough entropy, and digits strewn among the letters. Words and
   identifiers have entropy too, but their digits stand together ("expires_in_3600"). */
static int looks_random(span value) {
  size_t changes = 0;
  if (value.length < VALUE_BYTES_MIN || value.length > VALUE_BYTES_MAX) return 0;
  for (size_t i = 0; i < value.length; i++) {
    char c = value.data[i], next = i + 1 < value.length ? value.data[i + 1] : '\0';
    if (!is_word(c) && !is_any(c, "-+/=.~!@#%^&*?,")) return 0; /* no blank, no ${…} */
    changes += (is_digit(c) && is_alpha(next)) || (is_alpha(c) && is_digit(next));
  }
  return changes >= CHANGES_MIN && 100 * changes >= CHANGES_PERCENT_MIN * value.length &&
         entropy_bits(value) >= entropy_bits_min &&
         !contains_any(value, placeholders, sizeof placeholders / sizeof *placeholders);
}

/* The first word of the line that tells and is given a value that looks random. Every word is
   tried: `headers={"accept": "…", "api_key": "…"}` has its secret behind others. */
static int scan_assignment(span line, syntax how, finding *found) {
  for (size_t i = 0; i < line.length;) {
    size_t start = i;
    while (i < line.length && (is_word(line.data[i]) || line.data[i] == '-')) i++;
    if (i == start) {
      i++;
      continue;
    }
    span name = {line.data + start, i - start};
    if (!is_telling(name)) continue;
    size_t at = skip_operator(line, i);
    span value = at ? value_at(line, at, how) : (span){NULL, 0};
    if (!value.data || !looks_random(value)) continue;
    double over = (entropy_bits(value) - entropy_bits_min) / (entropy_bits_sure - entropy_bits_min);
    found->rule = "secret-assignment";
    found->what = "assigns a literal secret to";
    found->strength = 0.75 + 0.2 * (over > 1 ? 1 : over);
    snprintf(found->name, sizeof found->name, "%.*s", (int)name.length, name.data);
    redact(value, found);
    return 1;
  }
  return 0;
}

int scan_secret(span line, syntax how, finding *found) {
  return scan_issuers(line, found) || scan_private_key(line, found) ||
         scan_assignment(line, how, found);
}

/* By the ending: shells, dotenv files, YAML and INI take values without quotes, other languages
   take names there. */
syntax syntax_of(span path) {
  static const char *const endings[] = {".env",  ".sh",  ".bash", ".zsh",        ".yml",
                                        ".yaml", ".ini", ".cfg",  ".conf",       ".properties",
                                        "Dockerfile"};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    size_t length = strlen(endings[i]);
    if (path.length >= length &&
        memcmp(path.data + path.length - length, endings[i], length) == 0) {
      return SYNTAX_UNQUOTED_VALUES;
    }
  }
  return SYNTAX_QUOTED;
}
