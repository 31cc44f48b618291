#include "library.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { MACHINE = EM_X86_64 };
#elif defined(__aarch64__)
enum { MACHINE = EM_AARCH64 };
#elif defined(__riscv)
enum { MACHINE = EM_RISCV };
#else
#error "name this machine's ELF number here"
#endif

static pthread_mutex_t libraries_lock = PTHREAD_MUTEX_INITIALIZER;
static kzr_library *libraries; // all that were ever opened; dlopen gives each inode one handle

// ---- The file

// dlopen's own message for these is often about something else ("invalid ELF header").
static bool check_header(const char *path, const Elf64_Ehdr *header, ssize_t bytes,
                         kzr_error *error) {
  if (bytes < (ssize_t)sizeof *header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
    return kzr_fail(error, KZR_NOT_LIBRARY, "%s is no ELF file, expected a shared library", path);
  }
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != MACHINE) {
    return kzr_fail(error, KZR_NOT_LIBRARY,
                    "%s is built for another machine (ELF machine %d, class %d; expected %d, %d)",
                    path, header->e_machine, header->e_ident[EI_CLASS], MACHINE, ELFCLASS64);
  }
  if (header->e_type != ET_DYN) {
    return kzr_fail(error, KZR_NOT_LIBRARY,
                    "%s has ELF type %d, expected a shared library (type %d)", path,
                    header->e_type, ET_DYN);
  }
  return true;
}

static bool check_file(const char *path, kzr_error *error) {
  if (!strchr(path, '/')) {
    return kzr_fail(error, KZR_FILE, "%s is no path: without a slash it would be searched for",
                    path);
  }
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a FIFO must not make us wait
  if (fd < 0) return kzr_fail(error, KZR_FILE, "%s: %s", path, strerror(errno));
  struct stat status;
  Elf64_Ehdr header;
  ssize_t bytes = -1;
  bool regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  if (regular) bytes = pread(fd, &header, sizeof header, 0);
  close(fd);
  if (!regular) return kzr_fail(error, KZR_NOT_LIBRARY, "%s is not a regular file", path);
  return check_header(path, &header, bytes, error);
}

// ---- The host given to the entry: it has nobody to talk to yet

int64_t kzr_wall_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

const void *kzr_no_extension(const kz_host *host, kz_text id) {
  (void)host, (void)id;
  return NULL;
}

static void entry_log(const kz_host *host, uint32_t level, kz_text message) {
  (void)host, (void)level, (void)message;
}
static void entry_progress(const kz_host *host, double fraction) { (void)host, (void)fraction; }
static int32_t entry_should_stop(const kz_host *host) { return (void)host, 0; }
static void entry_fail(const kz_host *host, kz_text message) { (void)host, (void)message; }
static int64_t entry_now(const kz_host *host) { return (void)host, kzr_wall_now_ns(); }
static uint64_t entry_random(const kz_host *host) { return (void)host, 0; }

static const kz_host entry_host = {.size = sizeof(kz_host),
                                   .log = entry_log,
                                   .progress = entry_progress,
                                   .should_stop = entry_should_stop,
                                   .fail = entry_fail,
                                   .now_ns = entry_now,
                                   .random_u64 = entry_random,
                                   .extension = kzr_no_extension};

// ---- Descriptors

typedef const kz_descriptor *(*entry_function)(const kz_host *, uint32_t);

static kz_text copy_text(kz_text text) {
  char *data = malloc(text.length ? text.length : 1);
  if (!data) return (kz_text){NULL, 0};
  memcpy(data, text.data, text.length);
  return (kz_text){data, text.length};
}

// Checked already: the copies keep a plugin from changing its mind. Never freed, as the library.
static bool copy_description(const kzr_description *from, kzr_description *to) {
  kz_text *topics = calloc(from->topic_count, sizeof *topics);
  if (!topics) return false;
  *to = *from;
  to->topics = topics;
  to->id = copy_text(from->id);
  to->version = copy_text(from->version);
  bool whole = to->id.data && to->version.data;
  for (uint32_t i = 0; i < from->topic_count; i++) {
    topics[i] = copy_text(from->topics[i]);
    whole = whole && topics[i].data;
  }
  return whole;
}

static bool read_descriptor(kzr_library *library, uint32_t index, const kz_descriptor *given,
                            kzr_loaded *loaded, kzr_error *error) {
  if (given->size < sizeof(kz_descriptor) || given->size > 65536) {
    return kzr_fail(error, KZR_DESCRIPTOR,
                    "%s: descriptor %u has size %u, expected sizeof(kz_descriptor), at least %zu",
                    library->path, index, given->size, sizeof(kz_descriptor));
  }
  kzr_description seen = {.kind = given->kind,
                          .flags = given->flags,
                          .id = given->id,
                          .version = given->version,
                          .topics = given->topics,
                          .topic_count = given->topic_count};
  kzr_error detail;
  if (!kzr_check_description(&seen, &detail)) {
    return kzr_fail(error, detail.code, "%s: %s", library->path, detail.message);
  }
  if (!given->create || !given->destroy || !given->interface) {
    const char *missing = !given->create    ? "create"
                          : !given->destroy ? "destroy"
                                            : "interface";
    return kzr_fail(error, KZR_DESCRIPTOR, "%s: component \"%.*s\" has no function %s",
                    library->path, (int)seen.id.length, seen.id.data, missing);
  }
  loaded->descriptor = given;
  if (copy_description(&seen, &loaded->description)) return true;
  return kzr_fail(error, KZR_SYSTEM, "%s: out of memory", library->path);
}

static bool read_descriptors(kzr_library *library, entry_function entry, kzr_error *error) {
  library->components = calloc(KZ_COMPONENTS_MAX, sizeof *library->components);
  if (!library->components) return kzr_fail(error, KZR_SYSTEM, "out of memory");
  for (uint32_t index = 0;; index++) {
    const kz_descriptor *given = entry(&library->host, index);
    if (!given) break;
    if (index == KZ_COMPONENTS_MAX) {
      return kzr_fail(error, KZR_LIMIT, "%s: more than %d components", library->path,
                      KZ_COMPONENTS_MAX);
    }
    if (!read_descriptor(library, index, given, &library->components[index], error)) return false;
    library->count = index + 1;
  }
  if (library->count > 0) return true;
  return kzr_fail(error, KZR_EMPTY, "%s: " KZ_PLUGIN_ENTRY " returned NULL for index 0",
                  library->path);
}

static entry_function find_entry(void *handle, const char *path, kzr_error *error) {
  // dlsym(3): an object pointer that POSIX lets us use as a function's.
  entry_function entry = (entry_function)dlsym(handle, KZ_PLUGIN_ENTRY);
  if (entry) return entry;
  for (int major = 2; major <= 9; major++) {
    char name[32];
    snprintf(name, sizeof name, "kz_plugin_entry_v%d", major);
    if (dlsym(handle, name)) {
      kzr_fail(error, KZR_ENTRY, "%s exports %s, a newer contract; this host speaks %s", path,
               name, KZ_PLUGIN_ENTRY);
      return NULL;
    }
  }
  kzr_fail(error, KZR_ENTRY, "%s does not export " KZ_PLUGIN_ENTRY, path);
  return NULL;
}

// ---- Opening

static kzr_library *opened_before(void *handle) {
  for (kzr_library *library = libraries; library; library = library->next) {
    if (library->handle == handle) return library;
  }
  return NULL;
}

static kzr_library *load(const char *path, kzr_error *error) {
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *reason = dlerror();
    kzr_fail(error, KZR_LOAD, "dlopen: %s", reason ? reason : path);
    return NULL;
  }
  kzr_library *library = opened_before(handle);
  if (library) return library;
  entry_function entry = find_entry(handle, path, error);
  if (!entry) return NULL;
  library = calloc(1, sizeof *library);
  char *copy = strdup(path);
  if (!library || !copy) {
    free(library);
    free(copy);
    kzr_fail(error, KZR_SYSTEM, "out of memory");
    return NULL;
  }
  library->handle = handle;
  library->path = copy;
  library->host = entry_host;
  pthread_mutex_init(&library->lifecycle, NULL);
  if (!read_descriptors(library, entry, error)) return NULL; // a leak the size of a bad library
  library->next = libraries;
  libraries = library;
  return library;
}

kzr_library *kzr_open(const char *path, kzr_error *error) {
  if (!check_file(path, error)) return NULL;
  pthread_mutex_lock(&libraries_lock);
  kzr_library *library = load(path, error);
  pthread_mutex_unlock(&libraries_lock);
  return library;
}

uint32_t kzr_component_count(const kzr_library *library) { return library->count; }

const kzr_description *kzr_component(const kzr_library *library, uint32_t index) {
  return index < library->count ? &library->components[index].description : NULL;
}

// ---- Finding one

static void list_components(const kzr_library *library, char *out, size_t capacity) {
  size_t used = 0;
  out[0] = '\0';
  for (uint32_t i = 0; i < library->count && used < capacity; i++) {
    const kzr_description *each = &library->components[i].description;
    used += (size_t)snprintf(out + used, capacity - used, "%s%s \"%.*s\"", i ? ", " : "",
                             kzr_kind_name(each->kind), (int)each->id.length, each->id.data);
  }
}

int32_t kzr_find(const kzr_library *library, kz_text id, uint32_t kind, kzr_error *error) {
  for (uint32_t i = 0; i < library->count; i++) {
    const kzr_description *each = &library->components[i].description;
    if (each->id.length != id.length || memcmp(each->id.data, id.data, id.length) != 0) continue;
    if (each->kind == kind) return (int32_t)i;
    kzr_fail(error, KZR_KIND, "component \"%.*s\" of %s is of kind %s, expected %s",
             (int)id.length, id.data, library->path, kzr_kind_name(each->kind),
             kzr_kind_name(kind));
    return -1;
  }
  char found[512];
  list_components(library, found, sizeof found);
  int length = id.length > KZ_ID_BYTES_MAX ? KZ_ID_BYTES_MAX : (int)id.length;
  kzr_fail(error, KZR_COMPONENT, "%s has no component \"%.*s\"; it has: %s", library->path, length,
           id.data ? id.data : "", found);
  return -1;
}
