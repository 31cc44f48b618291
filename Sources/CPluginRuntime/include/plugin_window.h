// The feedback window of one analysis: the columns of one agent, copied once into a sealed memfd
// that all components of that analysis map. Layout, all integers little-endian:
//
//   0     header, 64 bytes: magic "KZWINDO2" · u32 columns · u32 0 · u64 rows · u64 bytes of all ·
//         u64 check over header and entries · 0
//   64    one entry of 96 bytes for each column: name char[32] · format char[8] (both padded with
//         NUL) · u64 null_count · offset and bytes (u64 each) of validity, values, offsets
//   …     the buffers, each at a multiple of 64. A buffer that is not there has offset and bytes 0.
//
// What the buffers hold is documented at kz_column in kaizen_plugin.h.
#ifndef PLUGIN_WINDOW_H
#define PLUGIN_WINDOW_H

#include "kaizen_plugin.h"
#include "plugin_error.h"

enum {
  KZW_WINDOW_COLUMNS_MAX = 64,
  KZW_WINDOW_NAME_BYTES_MAX = 31,
  KZW_WINDOW_ROWS_MAX = 100000000,
};
#define KZW_WINDOW_BYTES_MAX (UINT64_C(4) << 30)

// Copies `columns` (all of one length) into a new sealed memfd. null_count is counted anew, and
// what lies beneath absent rows is made 0 or NaN. -1 with `error` where a column is not as
// documented or memory is short. The descriptor is the caller's to close.
int kzw_window_create(const kz_column *columns, uint32_t count, kzr_error *error);

typedef struct kzw_window kzw_window;

// Maps the window behind `fd`, every size and offset of its table checked. Its rows are not read,
// so that this takes as long whatever their number: kzw_window_create has checked them, and the
// seals hold them. `fd` may be closed afterwards.
kzw_window *kzw_window_map(int fd, kzr_error *error);

// Reads the offsets of every text of a mapped window: false with `error` where they do not ascend
// from 0 to the bytes of the values. For windows that come from elsewhere than kzw_window_create.
bool kzw_window_check(const kzw_window *window, kzr_error *error);
const kz_column *kzw_window_columns(const kzw_window *window, uint32_t *count);
const void *kzw_window_bytes(const kzw_window *window, uint64_t *bytes); // all of it, as laid out
void kzw_window_free(kzw_window *window); // NULL is fine

#endif
