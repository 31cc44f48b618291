#include "call_floor.h"

#include <ffi.h>
#include <math.h>

double floor_raw_ffi(void *address, uint64_t count) {
  static ffi_cif cif;
  static ffi_type *types[] = {&ffi_type_double};
  if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_double, types) != FFI_OK) return NAN;
  double value, result, sum = 0;
  void *values[] = {&value};
  for (uint64_t i = 0; i < count; i++) {
    value = (double)i;
    ffi_call(&cif, (void (*)(void))address, &result, values);
    sum += result;
  }
  return sum;
}

double floor_function(kzr_function *function, uint64_t count) {
  double value, sum = 0;
  kzr_input input = {.numbers = &value, .number_count = 1};
  kzr_returned returned;
  for (uint64_t i = 0; i < count; i++) {
    value = (double)i;
    if (!kzr_function_call(function, &input, &returned, NULL)) return NAN;
    sum += returned.value;
  }
  return sum;
}
