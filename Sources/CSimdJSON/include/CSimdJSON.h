/* simdjson's DOM parser behind a C interface: no C++ type and no exception crosses it. */
#ifndef C_SIMDJSON_H
#define C_SIMDJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that must be readable behind a text that is parsed in place. */
enum { KSJ_PADDING_BYTES = 64 };

/* One parser: its buffers are reused from text to text. Not for two threads at once. */
typedef struct ksj_parser ksj_parser;

/*
 * A parsed text, lent until the next parse or the parser's end.
 * Layout: https://github.com/simdjson/simdjson/blob/v3.0.1/doc/tape.md
 */
typedef struct {
  const uint64_t *tape;
  const uint8_t *strings;
} ksj_document;

/* What became of a text. */
enum { KSJ_PARSED = 0, KSJ_NO_MEMORY = 1, KSJ_NUMBER = 2, KSJ_REFUSED = 3 };

/* A parser, or NULL when there is no memory for it. */
ksj_parser *ksj_parser_create(void);

void ksj_parser_destroy(ksj_parser *parser);

/*
 * Parses `count` bytes. `padded`: KSJ_PADDING_BYTES behind them may be read, so that the text is
 * parsed in place; else simdjson copies it first. Only KSJ_PARSED fills `document`.
 */
int ksj_parser_parse(ksj_parser *parser, const uint8_t *bytes, size_t count, bool padded,
                     ksj_document *document);

/* simdjson's words for the last failure of this parser; static storage. */
const char *ksj_parser_message(const ksj_parser *parser);

#ifdef __cplusplus
}
#endif
#endif
