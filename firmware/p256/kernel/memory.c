// What the compiler calls by itself. Lengths are public.

#include <stddef.h>
#include <stdint.h>

void *memset(void *to, int value, size_t length) {
  uint8_t *bytes = to;
  for (size_t i = 0; i < length; i++) bytes[i] = (uint8_t)value;
  return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t length) {
  uint8_t *bytes = to;
  const uint8_t *source = from;
  for (size_t i = 0; i < length; i++) bytes[i] = source[i];
  return to;
}
