// ECDSA on P-256 (FIPS 186-5) with the nonces of RFC 6979.

#ifndef SCEAU_ECDSA_H
#define SCEAU_ECDSA_H

#include "point.h"

#define SIGNATURE_BYTES 64

/**
 * A nonce in [1, n): attempt 0 is that of RFC 6979 §3.2, attempt i the one with i (32 bytes, little-endian) as additional data (§3.6).
 */
void ecdsa_nonce(number k, const uint8_t key[32], const uint8_t digest[32], uint32_t attempt);

/** r = x(k G) modulo n; may be 0. */
void ecdsa_r(number r, struct affine *nonce_point, const number k);

/** s = (h + r d) / k modulo n; may be 0. */
void ecdsa_s(number s, const number r, const uint8_t key[32], const uint8_t digest[32], const number k);

/** All of it is public. @return 1 when the signature is good for the point (x before y), else 0 */
uint32_t ecdsa_verify(const uint8_t signature[SIGNATURE_BYTES], const uint8_t point[64], const uint8_t digest[32]);

/**
 * The same for whoever knows the nonce's point, which is lost: in half as many doubles. It takes nothing of that point for granted.
 * @return 1 when the signature is good for the point, else 0
 */
uint32_t ecdsa_check(const uint8_t signature[SIGNATURE_BYTES], struct affine *nonce_point, const uint8_t point[64], const uint8_t digest[32]);

#endif
