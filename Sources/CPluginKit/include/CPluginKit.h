// What `kaizen plugins new` writes: templates, the contract and the Swift SDK, as they lie in the
// sources, compiled in, so that the program needs no files beside it.
#ifndef CPLUGINKIT_H
#define CPLUGINKIT_H

typedef struct kpk_file {
  const char *name; // such as "c/analyzer.c", "kaizen_plugin.h", "sdk/Host.swift"
  const char *bytes;
  unsigned long length;
} kpk_file;

// File `index`, NULL past the last. It lives as long as the process.
const kpk_file *kpk_file_at(unsigned index);

#endif
