// Lets a C++ exception unwind into its caller.
#include <stdexcept>

#include "kaizen_plugin.h"

static char instance;
static void *create(const kz_descriptor *, const kz_host *, kz_text) { return &instance; }
static void destroy(void *) {}
static kz_status analyze(void *, const kz_agent_view *, const kz_analyzer_sink *) {
  throw std::runtime_error("over the edge");
}
static const kz_analyzer analyzer = {sizeof analyzer, 0, analyze};
static const void *interface(const kz_descriptor *, kz_text id) {
  return kz_text_is(id, KZ_ANALYZER_1) ? &analyzer : nullptr;
}
static const kz_text topics[] = {KZ_TEXT("error_pattern")};
static const kz_descriptor descriptor = {
    sizeof descriptor, KZ_KIND_ANALYZER, 0, 1, topics, KZ_TEXT("throws"), KZ_TEXT("1.0.0"),
    nullptr, create, nullptr, nullptr, destroy, interface};

extern "C" const kz_descriptor *kz_plugin_entry_v1(const kz_host *, uint32_t index) {
  return index == 0 ? &descriptor : nullptr;
}
