// An ordinary library that knows nothing of Kaizen: its functions are called by their signature.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

double sum(const double *values, int32_t count) {
  double total = 0;
  for (int32_t i = 0; i < count; i++) total += values[i];
  return total;
}

int8_t narrow(int32_t value) { return (int8_t)value; }

int16_t half(int16_t value) { return (int16_t)(value / 2); }

// Says it wrote more than there is room for.
int32_t boasts(uint8_t *out, uint64_t *length, const char *bytes, uint64_t count) {
  (void)out, (void)bytes, (void)count;
  *length += 1;
  return 0;
}

// The share of lines that are not empty.
double filled(const char *bytes, uint64_t count) {
  uint64_t lines = 0, filled = 0;
  for (uint64_t i = 0; i < count; i++) {
    if (bytes[i] != '\n') continue;
    lines++;
    if (i > 0 && bytes[i - 1] != '\n') filled++;
  }
  return lines ? (double)filled / (double)lines : 1;
}

double not_a_number(const char *bytes, uint64_t count) {
  (void)bytes, (void)count;
  return __builtin_nan("");
}

double aborts(const char *bytes, uint64_t count) {
  (void)bytes, (void)count;
  abort();
}

double never_returns(const char *bytes, uint64_t count) {
  (void)bytes;
  volatile uint64_t turns = count;
  for (;;) turns++;
}

// Takes a pointer where a wrong signature gives a number.
uint64_t dereferences(const uint64_t *where) { return *where; }
