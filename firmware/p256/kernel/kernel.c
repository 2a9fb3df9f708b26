// What a board calls: one function with one pointer to a block of arguments. Pointers in it are 32-bit addresses of bytes, unless said otherwise.

#include "aes.h"
#include "ecdsa.h"
#include "point.h"
#include "sha256.h"

/** A nonce is accepted once in two on average: 1 in 2^128 keys and digests needs more. */
#define MAX_ATTEMPTS 128

enum operation { OP_VERSION, OP_PUBLIC_KEY, OP_SIGN, OP_SIGN_ATTEMPT, OP_VERIFY, OP_IS_POINT, OP_SHARED_SECRET, OP_SHA256, OP_HMAC, OP_AES };

enum answer { DONE, NO_ANSWER, FAULT, UNKNOWN_OPERATION };

#define VERSION 2

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
  /** What the entry overwrites with zeros before it returns: words, as many as `wiped_bytes` says; the caller's copies of secrets. */
  uint8_t *wiped;
  uint32_t wiped_bytes;
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
  point_x(k, &point);
  number_write(a->out, k);
  return DONE;
}

/** s or n - s, whichever is less: n - s goes with the nonce's opposite point. */
static void lower(number s, struct affine *nonce_point) {
  number other, unused;
  modular_negate(other, s, &P256_N);
  uint32_t is_less = -number_subtract(unused, other, s);
  number_select(s, other, is_less);
  p256_negate_if(nonce_point->y, is_less);
}

/** As DER INTEGER 32 bytes: no zero in front, no byte to spare: 2^247 <= value < 2^255. */
static uint32_t fills_integer(const number value) {
  uint32_t top = value[WORDS - 1];
  return top >> 31 == 0 && top >> 23 != 0;
}

/** Of one attempt as it comes, not checked. The caller's own word says so each time: no copy of it could be turned over. */
static uint32_t is_vector(const struct arguments *a) { return a->operation == OP_SIGN_ATTEMPT; }

static enum answer sign(struct arguments *a) {
  number k, r, s;
  struct affine nonce_point;
  uint8_t signature[SIGNATURE_BYTES], digest[DIGEST_BYTES];
  for (int i = 0; i < SIGNATURE_BYTES; i++) a->out[i] = 0;
  if (!read_key(k, a->key)) return NO_ANSWER;
  // Signed is a copy, the check asks of the caller's own: what changes one of them on the way shows.
  for (int i = 0; i < DIGEST_BYTES; i++) digest[i] = a->data[i];
  uint32_t attempt = is_vector(a) ? a->attempt : 0;
  for (int left = MAX_ATTEMPTS; left > 0; left--) {
    ecdsa_nonce(k, a->key, digest, attempt++);
    ecdsa_r(r, &nonce_point, k);
    if (!is_vector(a) && !fills_integer(r)) continue;
    ecdsa_s(s, r, a->key, digest, k);
    if (!is_vector(a)) lower(s, &nonce_point);
    if (!is_vector(a) && !fills_integer(s)) continue;
    number_write(signature, r);
    number_write(signature + NUMBER_BYTES, s);
    if (is_vector(a)) {
      if (number_is_zero(r) | number_is_zero(s)) return NO_ANSWER;
    } else {
      a->attempt = attempt;
      // A fault could give the key away. Asked of the key's own point, by other multiples than those that made it: a table that is broken shows, too.
      if (!ecdsa_check(signature, &nonce_point, a->point, a->data)) return FAULT;
    }
    for (int i = 0; i < SIGNATURE_BYTES; i++) a->out[i] = signature[i];
    return DONE;
  }
  return NO_ANSWER;
}

int32_t kernel_main(struct arguments *a) {
  union {
    struct affine point;
    struct hmac mac;
    struct sha256 hash;
  } work;
  switch (a->operation) {
    case OP_VERSION:
      a->attempt = VERSION;
      return DONE;
    case OP_PUBLIC_KEY:
      return public_key(a);
    case OP_SIGN:
    case OP_SIGN_ATTEMPT:
      return sign(a);
    case OP_VERIFY:
      return ecdsa_verify(a->signature, a->point, a->data) ? DONE : NO_ANSWER;
    case OP_IS_POINT:
      return point_read(&work.point, a->point) ? DONE : NO_ANSWER;
    case OP_SHARED_SECRET:
      return shared_secret(a);
    case OP_SHA256:
      sha256_start(&work.hash);
      sha256_add(&work.hash, a->data, a->data_bytes);
      sha256_end(&work.hash, a->out);
      return DONE;
    case OP_HMAC:
      hmac_start(&work.mac, a->key, a->key_bytes);
      hmac_add(&work.mac, a->data, a->data_bytes);
      hmac_end(&work.mac, a->out);
      return DONE;
    case OP_AES:
      aes_encrypt(a->out, a->key, a->key_bytes, a->data);
      return DONE;
    default:
      return UNKNOWN_OPERATION;
  }
}
