// What the compiler calls by itself, and sha256.c. Lengths are public. Words need not be at a multiple of 4: a Cortex-M4 reads and writes them anywhere.

#include "bytes.h"

#include <stddef.h>

void *memset(void *to, int value, size_t length) {
  uint8_t *bytes = to;
  for (; length > 0; length--) *bytes++ = (uint8_t)value;
  return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t length) {
  uint8_t *bytes = to;
  const uint8_t *source = from;
  for (; length >= 4; length -= 4, bytes += 4, source += 4) ((struct anywhere *)bytes)->word = ((const struct anywhere *)source)->word;
  for (; length > 0; length--) *bytes++ = *source++;
  return to;
}
