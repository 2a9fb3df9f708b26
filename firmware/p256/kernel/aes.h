// One block of AES (FIPS 197), encryption only: the management key asks for nothing else.

#ifndef SCEAU_AES_H
#define SCEAU_AES_H

#include <stdint.h>

#define AES_BLOCK_BYTES 16

/** @param key_bytes 16, 24 or 32 */
void aes_encrypt(uint8_t out[AES_BLOCK_BYTES], const uint8_t *key, uint32_t key_bytes, const uint8_t in[AES_BLOCK_BYTES]);

#endif
