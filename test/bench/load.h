// What the benchmark's programs share: the clock, and what is signed.

#include <stdint.h>
#include <time.h>

#define DIGEST_BYTES 32

/** Nanoseconds since some moment, the same one for all processes. */
static inline uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/**
 * Digests, one after the other, by xorshift64 (Marsaglia 2003) from `state`, which begins as a seed that is not 0. How long our token takes depends on the
 * digest (attempts until the signature has its fixed length): who signs the same ones in the same order can be compared pair by pair.
 */
static inline void next_digest(unsigned char *digest, uint64_t *state) {
  for (int i = 0; i < DIGEST_BYTES; i++) {
    *state ^= *state << 13, *state ^= *state >> 7, *state ^= *state << 17;
    digest[i] = (unsigned char)*state;
  }
}
