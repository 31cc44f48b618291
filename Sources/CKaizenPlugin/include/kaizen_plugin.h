/*
 * kaizen_plugin.h: the contract between Kaizen and its plugins, major version 1.
 *
 * A plugin is a shared library that exports one function, kz_plugin_entry_v1. It describes one or
 * more components: analyzers, which find what could be better about an agent; appliers, which
 * change the files of a clone of it; scorers, which judge a tree of files. This header is all that
 * is needed to write one, in any language with a C ABI.
 *
 * A complete analyzer. Build it with: cc -shared -fPIC -I DIR -o libslow.so slow.c
 *
 *     #include "kaizen_plugin.h"
 *     #include <stdio.h>
 *     #include <stdlib.h>
 *
 *     typedef struct { const kz_host *host; } slow;    // one instance; the host is lent to it
 *
 *     static void *create(const kz_descriptor *self, const kz_host *host, kz_text config_json) {
 *       (void)self, (void)config_json;
 *       slow *made = malloc(sizeof *made);
 *       if (made) made->host = host;
 *       else host->fail(host, kz_text_of("out of memory"));
 *       return made;
 *     }
 *     static void destroy(void *instance) { free(instance); }
 *
 *     static kz_status analyze(void *instance, const kz_agent_view *view,
 *                              const kz_analyzer_sink *sink) {
 *       slow *self = instance;
 *       if (self->host->should_stop(self->host)) return KZ_STOPPED;    // in a loop: each turn
 *       double sla_ms = (double)view->sla_ns / 1e6;
 *       if (view->sla_ns == 0 || !(view->now->mean_ms > sla_ms)) return KZ_OK;  // NaN: no data
 *       char title[96], evidence[96];
 *       snprintf(title, sizeof title, "mean response time above %.0f ms", sla_ms);
 *       snprintf(evidence, sizeof evidence, "{\"mean_ms\":%.6g}", view->now->mean_ms);
 *       kz_opportunity found = {.size = sizeof found,
 *                               .severity = KZ_SEVERITY_OF_TYPE,
 *                               .type = kz_text_of("performance_degradation"),
 *                               .title = kz_text_of(title),
 *                               .strength = 0.9,
 *                               .evidence_json = kz_text_of(evidence)};
 *       return sink->opportunity(sink, &found);        // copied before it returns
 *     }
 *
 *     static const kz_analyzer analyzer = {.size = sizeof analyzer, .analyze = analyze};
 *     static const void *interface(const kz_descriptor *self, kz_text id) {
 *       (void)self;
 *       return kz_text_is(id, KZ_ANALYZER_1) ? &analyzer : NULL;
 *     }
 *     static const kz_text emits[] = {KZ_TEXT("performance_degradation")};
 *     static const kz_descriptor descriptor = {.size = sizeof descriptor,
 *                                              .kind = KZ_KIND_ANALYZER,
 *                                              .flags = KZ_FLAG_PURE,
 *                                              .topic_count = 1,
 *                                              .topics = emits,
 *                                              .id = KZ_TEXT("slow"),
 *                                              .version = KZ_TEXT("1.0.0"),
 *                                              .create = create,
 *                                              .destroy = destroy,
 *                                              .interface = interface};
 *     const kz_descriptor *kz_plugin_entry_v1(const kz_host *given, uint32_t index) {
 *       (void)given;
 *       return index == 0 ? &descriptor : NULL;
 *     }
 *
 * and its entry in the manifest.json beside it (id, kind, version, emits and pure must agree with
 * the descriptor, or the load is refused naming each difference):
 *
 *     { "manifest": 1, "name": "slow", "version": "1.0.0", "components": [
 *       { "id": "slow", "kind": "analyzer", "version": "1.0.0", "pure": true,
 *         "entry": { "library": "libslow.so" }, "emits": ["performance_degradation"] } ] }
 *
 * THE RULES
 *
 * R1 Growth. Every struct passed by pointer starts with `uint32_t size`, which its maker sets to
 *    sizeof. A reader uses only fields that lie inside `size`: KZ_HAS asks. Fields that came later
 *    say so at their place, and an older host does not have them; all others are always there. kz_text and the elements of arrays (kz_column,
 *    kz_error_count) are frozen. Nothing released ever changes: what is new is a field at the end,
 *    a function `_v2`, or an interface or extension with a new id. Enumerations that go from host
 *    to plugin never gain members within a major.
 * R2 Types. Fixed-width integers, doubles and pointers. Text is UTF-8, a pointer and a length in
 *    bytes, not terminated by NUL; of length 0 its pointer may be NULL. Structs are as the C ABI of
 *    a 64-bit target lays them out.
 * R3 Memory. Borrowed in, copied out, nothing freed across. What the host passes lives until the
 *    function it was passed to returns, except `kz_host` (see there). What a plugin hands to a
 *    callback is copied before the callback returns. Descriptors, interface tables and all they
 *    point to live as long as the process: make them static.
 * R4 Threads. Each function has a tag:
 *      [main]  part of the life cycle. Not one certain thread, but never two [main] functions of
 *              one library at once, and none of an instance while a [call] runs on it.
 *      [call]  the work. Any thread of the host's, perhaps another each time; never two at once on
 *              one instance, though different instances may be called at once.
 *      [any]   may be called from every thread, the plugin's own included, at any time in the
 *              state named.
 *    The host never calls an instance from within a callback of that instance.
 * R5 Place. Whether a component runs in a process of its own or in the daemon cannot be seen. So:
 *    no fork, exec, exit, abort, dlclose, chdir, setenv, umask; no signal handlers; standard input
 *    and output left alone. Libraries are never unloaded, and a newer version is loaded into a new
 *    process.
 * R6 Failure. Say why through host->fail, then return KZ_FAILED. Nothing (exception, panic,
 *    longjmp) unwinds across. A call has a deadline: from then on host->should_stop answers 1, and
 *    past a grace after it the process may be killed.
 * R7 Purity. A component with KZ_FLAG_PURE takes the time and random numbers from the host alone,
 *    reads only what the call's argument holds or names (the files listed, beneath its root), and
 *    keeps nothing from call to call: the same call gives the same result, so that it can be
 *    recorded, replayed and compared.
 *
 * THE LIFE CYCLE, enforced by the host. States are named in the tags below.
 *
 *     dlopen ─ kz_plugin_entry_v1 ─► described ─ create ─► created ─ activate ─► active
 *                                        ▲                   │  ▲                  │ ▲│
 *                                        └────── destroy ────┘  └── deactivate ────┘ └┘ calls
 *
 * Loading runs the library's constructors: they must do nothing that can fail.
 */
#ifndef KAIZEN_PLUGIN_H
#define KAIZEN_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define KZ_EXPORT __attribute__((visibility("default")))
#else
#define KZ_EXPORT
#endif

/* ---- Text ------------------------------------------------------------------------------------ */

/* UTF-8, `length` bytes from `data`, no NUL at the end. Frozen. */
typedef struct kz_text {
  const char *data;
  uint64_t length;
} kz_text;

/* The initializer of a kz_text from a string literal, for static tables. */
#define KZ_TEXT(literal) {literal, sizeof(literal) - 1}

/* The text of a C string; NULL gives the empty text. It borrows the string. */
static inline kz_text kz_text_of(const char *string) {
  kz_text text = {string, 0};
  if (string) {
    while (string[text.length]) text.length++;
  }
  return text;
}

/* 1 if `text` has the bytes of the C string `string`, else 0. */
static inline int kz_text_is(kz_text text, const char *string) {
  uint64_t i = 0;
  for (; i < text.length; i++) {
    if (!string[i] || string[i] != text.data[i]) return 0;
  }
  return !string[i];
}

/* 1 if the struct at `pointer`, of `type`, is large enough to hold `field` (R1), else 0. */
#define KZ_HAS(type, pointer, field) \
  ((pointer)->size >= offsetof(type, field) + sizeof((pointer)->field))

/* ---- Limits ---------------------------------------------------------------------------------- */

/* What is over a limit is refused, and the call fails; log and fail messages are cut instead. */
enum {
  KZ_COMPONENTS_MAX = 64,       /* descriptors of one library */
  KZ_TOPICS_MAX = 64,           /* topics of one component */
  KZ_ID_BYTES_MAX = 128,        /* id, version, type, dimension, rule */
  KZ_TITLE_BYTES_MAX = 512,     /* title of an opportunity */
  KZ_PATH_BYTES_MAX = 4096,     /* file of a finding */
  KZ_MESSAGE_BYTES_MAX = 8192,  /* message of a finding, note, log and fail message */
  KZ_JSON_BYTES_MAX = 65536,    /* evidence_json */
  KZ_OPPORTUNITIES_MAX = 1000,  /* a call */
  KZ_SCORES_MAX = 64,           /* a call */
  KZ_FINDINGS_MAX = 10000,      /* a call */
  KZ_NOTES_MAX = 100,           /* a call */
  KZ_LOGS_MAX = 1000            /* a call, the rest is dropped */
};

/* ---- Results --------------------------------------------------------------------------------- */

typedef int32_t kz_status;
enum {
  KZ_OK = 0,
  KZ_FAILED = 1,  /* from a plugin: it gave up, host->fail says why.
                     From a callback: the value was refused, and the call will count as failed. */
  KZ_STOPPED = 2  /* from a plugin: it ended early because host->should_stop said so.
                     From a callback: the call is over or being stopped; return soon. */
};

/* ---- The host -------------------------------------------------------------------------------- */

enum { KZ_LOG_DEBUG = 1, KZ_LOG_INFO = 2, KZ_LOG_WARNING = 3, KZ_LOG_ERROR = 4 };

/*
 * What the host does for a plugin. Owned by the host. The one given to kz_plugin_entry_v1 lives as
 * long as the process, the one given to create until destroy returns; keep each apart. Each
 * function takes the host it is called through.
 */
typedef struct kz_host kz_host;
struct kz_host {
  uint32_t size;
  uint32_t reserved; /* 0 */
  void *context;     /* the host's own; not for plugins */

  /* [any: described to destroyed] One entry for the log. `level` is KZ_LOG_…; broken UTF-8 is
     replaced, what is over KZ_MESSAGE_BYTES_MAX is cut. */
  void (*log)(const kz_host *host, uint32_t level, kz_text message);

  /* [any: during a call] How much of the call is done, in [0,1], for people who wait. */
  void (*progress)(const kz_host *host, double fraction);

  /* [any: created to destroyed] 1 once the current call should end, by deadline or by request;
     else 0. Costs a load: ask in each turn of a long loop. */
  int32_t (*should_stop)(const kz_host *host);

  /* [main, call] Says why the function now running is about to return KZ_FAILED (or NULL from
     create). Of several messages the last counts. */
  void (*fail)(const kz_host *host, kz_text message);

  /* [any: created to destroyed] The time as the host tells it, in nanoseconds since 1970-01-01
     UTC. Stands still during a call (R7): for measuring, use a clock of your own and be impure. */
  int64_t (*now_ns)(const kz_host *host);

  /* [main, call] 64 random bits; the same sequence when a call is replayed (R7). Not for keys. */
  uint64_t (*random_u64)(const kz_host *host);

  /* [any: described to destroyed] A table of functions with that id, such as "vendor.name/1", or
     NULL where this host has none. It lives as long as the process. Version 1 starts with none. */
  const void *(*extension)(const kz_host *host, kz_text id);
};

/* ---- Descriptors and entry ------------------------------------------------------------------- */

enum { KZ_KIND_ANALYZER = 1, KZ_KIND_APPLIER = 2, KZ_KIND_SCORER = 3 };

enum { KZ_FLAG_PURE = 1 }; /* R7 */

/* One component. Owned by the plugin, never changed after it was given, alive for ever (R3). */
typedef struct kz_descriptor kz_descriptor;
struct kz_descriptor {
  uint32_t size;
  uint32_t kind;  /* KZ_KIND_… */
  uint32_t flags; /* KZ_FLAG_…; a bit the host does not know is ignored */
  uint32_t topic_count;

  /* An analyzer's: the opportunity types it emits. An applier's: those it handles. A scorer's: its
     dimensions. At least one; the manifest's `emits`, `handles` or `dimensions`, in any order. */
  const kz_text *topics;

  kz_text id;       /* [A-Za-z0-9][A-Za-z0-9._-]{0,127}, as in the manifest */
  kz_text version;  /* as in the manifest; for people */
  const void *data; /* the plugin's own: the host hands the descriptor back and never looks here */

  /* [main: described] Makes an instance, any pointer but NULL, or NULL after host->fail.
     `config_json` is the manifest's `config`, a JSON object, `{}` where it has none. Keep `host`. */
  void *(*create)(const kz_descriptor *self, const kz_host *host, kz_text config_json);

  /* [main: created → active] Gets ready to work: opens, builds tables. May be NULL. On KZ_FAILED
     the instance stays created and is destroyed next. */
  kz_status (*activate)(void *instance);

  /* [main: active → created] The reverse of activate. May be NULL. */
  void (*deactivate)(void *instance);

  /* [main: created → gone] Frees the instance. Its threads must have ended when it returns. */
  void (*destroy)(void *instance);

  /* [main: described] The table of functions with that id, or NULL for an id it does not know (so
     an unknown one must be expected). Which one a component must have follows from its kind:
     KZ_ANALYZER_1, KZ_APPLIER_1 or KZ_SCORER_1. Owned by the plugin, alive for ever. */
  const void *(*interface)(const kz_descriptor *self, kz_text id);
};

/*
 * [main: first of all] THE exported function. The descriptor of component `index`, NULL past the
 * last; asked from 0 upwards, and the same answer each time. It may be asked of a library none of
 * whose components is then created.
 */
KZ_EXPORT const kz_descriptor *kz_plugin_entry_v1(const kz_host *host, uint32_t index);

/* Its name, for dlsym. */
#define KZ_PLUGIN_ENTRY "kz_plugin_entry_v1"

/* ---- What a call is about -------------------------------------------------------------------- */

/* What an agent's feedback says of one span of time. A double without data is NaN. */
typedef struct kz_numbers {
  uint32_t size;
  uint32_t reserved;   /* 0 */
  uint64_t records;    /* feedback records */
  uint64_t operations; /* distinct operations */
  uint64_t successes;  /* operations that succeeded, each once */
  uint64_t failures;   /* operations that failed, each once */
  uint64_t errors;     /* operations with an error type, or started and never finished */
  double mean_ms;      /* response time, milliseconds */
  double p50_ms;       /* its median */
  double p95_ms;       /* its 95th percentile */
  double quality;      /* mean quality in [0,1] */
  double memory_mb;    /* mean peak resident memory, MiB */
  double cpu_percent;  /* mean CPU time ÷ wall time × 100 */
} kz_numbers;

/* How the success rate moves from day to day: Theil-Sen slope, Mann-Kendall p-value. */
typedef struct kz_trend {
  uint32_t size;
  uint32_t days;        /* days with data; the doubles are NaN below 5 */
  double slope_per_day; /* of the success rate; 0.01 = one point a day upwards */
  double p_value;       /* two-sided */
} kz_trend;

/* One error type and the operations that had it. Frozen. */
typedef struct kz_error_count {
  kz_text type;
  uint64_t count;
} kz_error_count;

/* Values of the columns "type" and "source" of the window. */
enum {
  KZ_TYPE_SUCCESS = 0,
  KZ_TYPE_FAILURE = 1,
  KZ_TYPE_QUALITY_SCORE = 2,
  KZ_TYPE_USER_RATING = 3,
  KZ_TYPE_PERFORMANCE = 4,
  KZ_TYPE_COVERAGE = 5,
  KZ_TYPE_SECURITY = 6,
  KZ_TYPE_DOCUMENTATION = 7
};
enum {
  KZ_SOURCE_AGENT = 0,
  KZ_SOURCE_GUARDIAN = 1,
  KZ_SOURCE_USER = 2,
  KZ_SOURCE_SYSTEM = 3,
  KZ_SOURCE_TEST = 4,
  KZ_SOURCE_FLOCK = 5
};

/*
 * One column of the feedback window, laid out as Apache Arrow lays it out
 * (https://arrow.apache.org/docs/format/Columnar.html), with Arrow's format strings
 * (https://arrow.apache.org/docs/format/CDataInterface.html). Frozen. Buffers are aligned to 64
 * bytes and read-only.
 *
 *   format  values              in
 *   "C"     uint8_t[length]     type (KZ_TYPE_…), source (KZ_SOURCE_…)
 *   "l"     int64_t[length]     time_ns (since 1970, ascending), generation
 *   "L"     uint64_t[length]    operation (a hash of its id: equal hash, same operation)
 *   "g"     double[length]      score [0,1], duration_ms, memory_mb, cpu_percent
 *   "u"     UTF-8 bytes         error_type: row i is the bytes offsets[i] up to offsets[i + 1]
 *
 * Row i is absent where `validity` is not NULL and bit i of it (byte i / 8, least bit first) is 0;
 * beneath is then 0, NaN or no bytes, by format. Look columns up by name; more may come.
 */
typedef struct kz_column {
  kz_text name;
  kz_text format;
  uint64_t length;         /* rows; the same for all columns of a window */
  uint64_t null_count;     /* rows absent */
  const uint8_t *validity; /* NULL: all rows are there */
  const void *values;
  const int32_t *offsets; /* "u": length + 1 of them; else NULL */
} kz_column;

/* 1 if row `row` of `column` is there, else 0. */
static inline int kz_column_has(const kz_column *column, uint64_t row) {
  return !column->validity || (column->validity[row / 8] >> (row % 8) & 1);
}

/* The column of that name, or NULL. */
static inline const kz_column *kz_column_named(const kz_column *columns, uint32_t count,
                                               const char *name) {
  for (uint32_t i = 0; i < count; i++) {
    if (kz_text_is(columns[i].name, name)) return &columns[i];
  }
  return NULL;
}

/* KZ_SEVERITY_OF_TYPE: the one the opportunity's type has; another is used where it is higher. */
enum {
  KZ_SEVERITY_OF_TYPE = 0,
  KZ_SEVERITY_LOW = 1,
  KZ_SEVERITY_MEDIUM = 2,
  KZ_SEVERITY_HIGH = 3,
  KZ_SEVERITY_CRITICAL = 4
};

/* ---- Analyzers: "kz.analyzer/1" -------------------------------------------------------------- */

#define KZ_ANALYZER_1 "kz.analyzer/1"

/* One agent, as it stands. Owned by the host, immutable, alive until analyze returns. */
typedef struct kz_agent_view {
  uint32_t size;
  uint32_t error_count;         /* elements of `errors` */
  kz_text agent;                /* its id */
  uint64_t sla_ns;              /* the response time it promises, nanoseconds; 0 = none */
  uint64_t generation;          /* the generation that is live; 0 = none */
  int64_t now_ns;               /* the end of the window, nanoseconds since 1970 UTC */
  const kz_numbers *now;        /* this window; never NULL */
  const kz_numbers *before;     /* the window of the same length before it; never NULL */
  const kz_trend *trend;        /* never NULL */
  const kz_error_count *errors; /* of this window, most frequent first */
  const kz_column *columns;     /* this window's records, oldest first */
  uint32_t column_count;
  uint32_t file_count;
  kz_text root;         /* absolute path of the files, read-only; empty: the agent has no files */
  const kz_text *files; /* their paths, relative to root, sorted */
  kz_text agent_json;   /* the agent's descriptor (agent.json), a JSON object */

  /* Where KZ_HAS(kz_agent_view, view, facts_json): what else is known of the agent, a JSON object
     with these lists, each bounded; one that is missing is not known, which is not the same as []:
       learnings    {"id","type","title","text","impact","expires","evidence_count"}, the most impact first
       findings     {"dimension","rule","level","file","line","message"}: of the scorers, the worst
                    first; no "line": the file as a whole
       tools        {"name","declared","installed","latest","error"}: versions; what is not known is
                    left out, "error" says why there is no "installed"
       error_texts  {"text","type","count"}: what failed operations said, the most frequent first */
  kz_text facts_json;
} kz_agent_view;

/* Something to improve. Owned by the plugin; copied before `opportunity` returns. */
typedef struct kz_opportunity {
  uint32_t size;
  uint32_t severity;     /* KZ_SEVERITY_… */
  kz_text type;          /* one of the component's topics */
  kz_text title;         /* one line for people. With agent, type and component it is what makes
                            two opportunities the same: keep changing numbers out of it */
  double strength;       /* how sure, in [0,1]; the loop acts alone only on strong ones */
  kz_text evidence_json; /* a JSON object with what it stands on; empty: none */
} kz_opportunity;

/* Where an analyzer's findings go. Owned by the host, alive until analyze returns. */
typedef struct kz_analyzer_sink kz_analyzer_sink;
struct kz_analyzer_sink {
  uint32_t size;
  uint32_t reserved; /* 0 */
  void *context;     /* the host's own */
  /* [call, during analyze] KZ_OK, or KZ_FAILED where a value is not as documented. */
  kz_status (*opportunity)(const kz_analyzer_sink *sink, const kz_opportunity *found);
};

typedef struct kz_analyzer {
  uint32_t size;
  uint32_t reserved; /* 0 */
  /* [call: active] Looks at one agent and emits what it finds, nothing being a fine answer. */
  kz_status (*analyze)(void *instance, const kz_agent_view *view, const kz_analyzer_sink *sink);
} kz_analyzer;

/* ---- Appliers: "kz.applier/1" ---------------------------------------------------------------- */

#define KZ_APPLIER_1 "kz.applier/1"

/* One opportunity to act on, and the clone to do it in. Owned by the host, alive until apply
   returns. */
typedef struct kz_plan_item {
  uint32_t size;
  uint32_t severity;     /* KZ_SEVERITY_LOW and up */
  kz_text opportunity;   /* its id */
  kz_text type;          /* one of the component's topics */
  kz_text title;
  kz_text component;     /* the analyzer that found it */
  kz_text evidence_json; /* as the analyzer gave it; `{}` where it gave none */
  double strength;
  kz_text agent;       /* the agent's id */
  uint64_t generation; /* the generation the clone was made from */
  int64_t now_ns;      /* nanoseconds since 1970 UTC */
  kz_text root;        /* absolute path of the clone: write here and nowhere else */
  const kz_text *files; /* the files that may be changed, relative to root, sorted. A change to any
                           other is found by the host, which compares, and refused */
  uint32_t file_count;
  uint32_t reserved;    /* 0 */
  kz_text agent_json;   /* the agent's descriptor: tunables, protected … */
  kz_text history_json; /* earlier trials of this component for this type on this agent, newest
                           last: [{"note":"retries 1 → 2","verdict":"rolled_back"}]; `[]` if none */
} kz_plan_item;

/* Where an applier says what it did. Owned by the host, alive until apply returns. */
typedef struct kz_applier_sink kz_applier_sink;
struct kz_applier_sink {
  uint32_t size;
  uint32_t reserved; /* 0 */
  void *context;     /* the host's own */
  /* [call, during apply] One line on what was changed and why, shown to people and kept in
     history_json; what really changed the host finds by itself. */
  kz_status (*note)(const kz_applier_sink *sink, kz_text text);
};

typedef struct kz_applier {
  uint32_t size;
  uint32_t reserved; /* 0 */
  /* [call: active] Changes files of the clone. KZ_OK with nothing changed means: nothing to do. */
  kz_status (*apply)(void *instance, const kz_plan_item *item, const kz_applier_sink *sink);
} kz_applier;

/* ---- Scorers: "kz.scorer/1" ------------------------------------------------------------------ */

#define KZ_SCORER_1 "kz.scorer/1"

/* A tree of files to judge. Owned by the host, alive until score returns. */
typedef struct kz_tree_view {
  uint32_t size;
  uint32_t file_count;
  int64_t now_ns;       /* nanoseconds since 1970 UTC */
  kz_text root;         /* absolute path, read-only */
  const kz_text *files; /* paths relative to root, sorted */
} kz_tree_view;

/* Levels of findings, as in SARIF 2.1.0, section 3.27.10. */
enum { KZ_LEVEL_NOTE = 1, KZ_LEVEL_WARNING = 2, KZ_LEVEL_ERROR = 3 };

/* One thing wrong in one file. Owned by the plugin; copied before `finding` returns. */
typedef struct kz_finding {
  uint32_t size;
  uint32_t level;  /* KZ_LEVEL_… */
  kz_text rule;    /* such as "bare-except"; the same rule, the same text, in every version */
  kz_text file;    /* relative to root, without . and .. */
  uint32_t line;   /* from 1; 0 = the file as a whole */
  uint32_t reserved; /* 0 */
  kz_text message; /* for people */
} kz_finding;

/* Where scores and findings go. Owned by the host, alive until score returns. */
typedef struct kz_scorer_sink kz_scorer_sink;
struct kz_scorer_sink {
  uint32_t size;
  uint32_t reserved; /* 0 */
  void *context;     /* the host's own */
  /* [call, during score] One dimension's score, `value` in [0,1], 1 the best; each dimension at
     most once a call. `dimension` is one of the component's topics. */
  kz_status (*score)(const kz_scorer_sink *sink, kz_text dimension, double value);
  /* [call, during score] */
  kz_status (*finding)(const kz_scorer_sink *sink, const kz_finding *finding);
};

typedef struct kz_scorer {
  uint32_t size;
  uint32_t reserved; /* 0 */
  /* [call: active] Judges the tree. */
  kz_status (*score)(void *instance, const kz_tree_view *tree, const kz_scorer_sink *sink);
} kz_scorer;

#ifdef __cplusplus
}
#endif

#endif
