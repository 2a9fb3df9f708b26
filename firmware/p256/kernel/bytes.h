// Words in memory, wherever they are: a Cortex-M4 reads and writes them at any address.

#ifndef SCEAU_BYTES_H
#define SCEAU_BYTES_H

#include <stdint.h>

struct __attribute__((packed, may_alias)) anywhere {
  uint32_t word;
};

/** The most significant byte first. */
static inline uint32_t read_word(const uint8_t bytes[4]) { return __builtin_bswap32(((const struct anywhere *)bytes)->word); }
static inline void write_word(uint8_t bytes[4], uint32_t word) { ((struct anywhere *)bytes)->word = __builtin_bswap32(word); }

#endif
