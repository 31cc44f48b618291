// What calls cost without Kaizen: loops in C, so that nothing of the caller's language is measured.
#ifndef CALL_FLOOR_H
#define CALL_FLOOR_H

#include "plugin_function.h"

// Calls f64(f64) `count` times through a cif prepared before; returns the sum of the results.
double floor_raw_ffi(void *address, uint64_t count);

// The same through kzr_function_call; NaN where a call failed.
double floor_function(kzr_function *function, uint64_t count);

#endif
