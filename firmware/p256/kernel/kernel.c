// What a board calls: one function with one pointer to a block of arguments. Pointers in it are 32-bit addresses of bytes, unless said otherwise.

#include "aes.h"
#include "ecdsa.h"
#include "point.h"
#include "sha256.h"

/** A nonce is accepted once in two on average: 1 in 2^128 keys and digests needs more. */
#define MAX_ATTEMPTS 128

enum operation { OP_VERSION, OP_PUBLIC_KEY, OP_SIGN, OP_SIGN_ATTEMPT, OP_VERIFY, OP_IS_POINT, OP_SHARED_SECRET, OP_SHA256, OP_HMAC, OP_AES };

enum answer { DONE, NO_ANSWER, FAULT, UNKNOWN_OPERATION };

#define VERSION 1

struct arguments {
  uint32_t operation;
  uint8_t *out;
  /** Private key, 32 bytes; of OP_HMAC and OP_AES `key_bytes`. */
  const uint8_t *key;
  /** x before y, 64 bytes. */
  const uint8_t *point;
  /** Digest (32 bytes), signature (64), data (`data_bytes`), block (16). */
  const uint8_t *data;
  uint32_t key_bytes;
  uint32_t data_bytes;
  /** The attempt to make; after OP_SIGN, how many were made. */
  uint32_t attempt;
  /** Of OP_VERIFY: the signature. */
  const uint8_t *signature;
};

static uint32_t read_key(number out, const uint8_t *key) {
  number_read(out, key);
  return number_is_in_range(out, &P256_N);
}

static enum answer public_key(const struct arguments *a) {
  number k;
  struct affine point;
  if (!read_key(k, a->key)) return NO_ANSWER;
  point_base_multiply(&point, k);
  point_write(a->out, &point);
  return DONE;
}

static enum answer shared_secret(const struct arguments *a) {
  number k;
  struct affine point;
  if (!read_key(k, a->key) || !point_read(&point, a->point)) return NO_ANSWER;
  point_multiply(&point, k, &point);
  from_montgomery(k, point.x, &P256_P);
  number_write(a->out, k);
  return DONE;
}

/** s or n - s, whichever is less: public, as the signature is. */
static void lower(number s) {
  number other, unused;
  modular_negate(other, s, &P256_N);
  number_select(s, other, -number_subtract(unused, other, s));
}

/** As DER INTEGER 32 bytes: no zero in front, no byte to spare: 2^247 <= value < 2^255. */
static uint32_t fills_integer(const number value) {
  uint32_t top = value[WORDS - 1];
  return top >> 31 == 0 && top >> 23 != 0;
}

static enum answer sign(struct arguments *a) {
  number k, r, s;
  for (int i = 0; i < SIGNATURE_BYTES; i++) a->out[i] = 0;
  if (!read_key(k, a->key)) return NO_ANSWER;
  for (uint32_t attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    ecdsa_nonce(k, a->key, a->data, attempt);
    ecdsa_r(r, k);
    if (!fills_integer(r)) continue;
    ecdsa_s(s, r, a->key, a->data, k);
    if (number_is_zero(s)) continue;
    lower(s);
    if (!fills_integer(s)) continue;
    a->attempt = attempt + 1;
    uint8_t signature[SIGNATURE_BYTES];
    number_write(signature, r);
    number_write(signature + NUMBER_BYTES, s);
    // A fault could give the key away. Asked of the key's own point, by other multiples than those that made it: a table that is broken shows, too.
    if (!ecdsa_verify(signature, a->point, a->data)) return FAULT;
    for (int i = 0; i < SIGNATURE_BYTES; i++) a->out[i] = signature[i];
    return DONE;
  }
  return NO_ANSWER;
}

static enum answer sign_attempt(const struct arguments *a) {
  number k, r, s;
  if (!read_key(k, a->key)) return NO_ANSWER;
  ecdsa_nonce(k, a->key, a->data, a->attempt);
  ecdsa_r(r, k);
  ecdsa_s(s, r, a->key, a->data, k);
  number_write(a->out, r);
  number_write(a->out + NUMBER_BYTES, s);
  return number_is_zero(r) | number_is_zero(s) ? NO_ANSWER : DONE;
}

int32_t kernel_main(struct arguments *a) {
  struct affine point;
  struct hmac mac;
  struct sha256 hash;
  switch (a->operation) {
    case OP_VERSION:
      a->attempt = VERSION;
      return DONE;
    case OP_PUBLIC_KEY:
      return public_key(a);
    case OP_SIGN:
      return sign(a);
    case OP_SIGN_ATTEMPT:
      return sign_attempt(a);
    case OP_VERIFY:
      return ecdsa_verify(a->signature, a->point, a->data) ? DONE : NO_ANSWER;
    case OP_IS_POINT:
      return point_read(&point, a->point) ? DONE : NO_ANSWER;
    case OP_SHARED_SECRET:
      return shared_secret(a);
    case OP_SHA256:
      sha256_start(&hash);
      sha256_add(&hash, a->data, a->data_bytes);
      sha256_end(&hash, a->out);
      return DONE;
    case OP_HMAC:
      hmac_start(&mac, a->key, a->key_bytes);
      hmac_add(&mac, a->data, a->data_bytes);
      hmac_end(&mac, a->out);
      return DONE;
    case OP_AES:
      aes_encrypt(a->out, a->key, a->key_bytes, a->data);
      return DONE;
    default:
      return UNKNOWN_OPERATION;
  }
}
