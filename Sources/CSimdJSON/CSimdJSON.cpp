#include "CSimdJSON.h"

#include <new>
#include <simdjson.h>

static_assert(KSJ_PADDING_BYTES >= simdjson::SIMDJSON_PADDING, "padding of simdjson has grown");

struct ksj_parser {
  simdjson::dom::parser parser;
  simdjson::error_code last = simdjson::SUCCESS;
};

ksj_parser *ksj_parser_create(void) { return new (std::nothrow) ksj_parser; }

void ksj_parser_destroy(ksj_parser *parser) { delete parser; }

int ksj_parser_parse(ksj_parser *parser, const uint8_t *bytes, size_t count, bool padded,
                     ksj_document *document) {
  parser->last = parser->parser.parse(bytes, count, !padded).error();
  switch (parser->last) {
  case simdjson::SUCCESS:
    document->tape = parser->parser.doc.tape.get();
    document->strings = parser->parser.doc.string_buf.get();
    return KSJ_PARSED;
  case simdjson::MEMALLOC:
    return KSJ_NO_MEMORY;
  case simdjson::NUMBER_ERROR:
  case simdjson::NUMBER_OUT_OF_RANGE:
    // Also integers beyond 64 bits, which are no error to us.
    return KSJ_NUMBER;
  default:
    return KSJ_REFUSED;
  }
}

const char *ksj_parser_message(const ksj_parser *parser) {
  return simdjson::error_message(parser->last);
}
