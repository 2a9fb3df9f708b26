// SHA-256 (FIPS 180-4) and HMAC with it (FIPS 198-1).

#ifndef SCEAU_SHA256_H
#define SCEAU_SHA256_H

#include <stdint.h>

#define DIGEST_BYTES 32
#define SHA256_BLOCK_BYTES 64

struct sha256 {
  uint32_t state[8];
  union {
    uint8_t block[SHA256_BLOCK_BYTES];
    uint32_t words[SHA256_BLOCK_BYTES / 4];
  };
  uint32_t length;
};

void sha256_start(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const uint8_t *bytes, uint32_t length);
void sha256_end(struct sha256 *hash, uint8_t digest[DIGEST_BYTES]);

struct hmac {
  struct sha256 hash;
  /** The states after the key's two blocks. */
  uint32_t inner[8], outer[8];
};

/** Of a key longer than a block the digest is taken (FIPS 198-1 §4). */
void hmac_start(struct hmac *mac, const uint8_t *key, uint32_t length);
/** Another message with the same key. */
void hmac_again(struct hmac *mac);
void hmac_add(struct hmac *mac, const uint8_t *bytes, uint32_t length);
void hmac_end(struct hmac *mac, uint8_t tag[DIGEST_BYTES]);

/** One block into the state; `constants` are FIPS 180-4's K (sha256-block.S). */
void sha256_block(uint32_t state[8], const uint8_t block[SHA256_BLOCK_BYTES], const uint32_t constants[64]) __attribute__((visibility("hidden")));

#endif
