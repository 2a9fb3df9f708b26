// The world as the token sees it. The firmware reaches for nothing else: a board, the simulator and the tests each give one.

/** One erasable unit of flash. */
export interface FlashPage {
  readonly address: number;
  readonly lengthBytes: number;
}

/**
 * Flash as it is: erasing a page gives FF everywhere, programming only clears bits, a word bears `writesPerWord` programmings
 * between two erasures. A cut of the power leaves the word under way with any of its bits changed, a page under erasure with any content.
 */
export interface Flash {
  readonly pages: readonly FlashPage[];
  readonly wordBytes: number;
  readonly writesPerWord: number;
  read(address: number, lengthBytes: number): Uint8Array;
  /** `address` and the length of `bytes` are multiples of `wordBytes`; words are programmed in order. */
  program(address: number, bytes: Uint8Array): void;
  erase(page: number): void;
}

export interface Rng {
  /** Fills `out` with random bytes fit for keys. */
  fill(out: Uint8Array): void;
  /** Mixes the host's entropy into what will be given: a stranger's bytes too, which can't make it any easier to guess. */
  stir(bytes: Uint8Array): void;
}

export interface Button {
  /**
   * Waits for one press. `done(true)` on a press, `done(false)` after `timeoutMs`; never before this call has returned.
   * The answer is a function that gives up waiting (`done` is then never called).
   */
  wait(timeoutMs: number, done: (pressed: boolean) => void): () => void;
}

export type LedState = "idle" | "busy" | "waiting" | "error";

export interface Led {
  show(state: LedState): void;
}

export interface Clock {
  /** Milliseconds since power-on, or any other fixed moment. */
  nowMs(): number;
  /** Calls `tick` every `periodMs` until the answered function is called. */
  every(periodMs: number, tick: () => void): () => void;
}

/** A curve's arithmetic; `f` is the length of its field, 32 bytes for P-256, 48 for P-384. All byte strings are big-endian. */
export interface Curve {
  /** A private key: f bytes, uniformly in [1, n). */
  generateKey(): Uint8Array;
  /** The uncompressed point of a private key: 1 + 2f bytes. */
  publicKey(key: Uint8Array): Uint8Array;
  /**
   * r ‖ s (2f bytes) of ECDSA over a digest of f bytes, verified with the key's own `point` before it is given; null when there is none, for a
   * fault would give the key away. Of the nonces of RFC 6979 (HMAC with SHA-256 for P-256, SHA-384 for P-384; attempt 0 is §3.2 as it stands, attempt
   * i > 0 adds i as 32 bytes little-endian as additional data, §3.6) the first one whose r and low s both fill a DER INTEGER of f bytes:
   * 2^(8f−9) ≤ r, s < 2^(8f−1). Two attempts on average.
   */
  sign(key: Uint8Array, point: Uint8Array, digest: Uint8Array): Uint8Array | null;
  /** Whether these bytes are an uncompressed point of the curve, other than infinity (SP 800-56A §5.6.2.3.3). */
  isPoint(bytes: Uint8Array): boolean;
  /** The x-coordinate of key · point: f bytes. Only for what `isPoint` has accepted. */
  sharedSecret(key: Uint8Array, point: Uint8Array): Uint8Array;
}

/** Arithmetic. */
export interface CryptoProvider {
  sha256(data: Uint8Array): Uint8Array;
  /** CRC-32 of IEEE 802.3, as 4 bytes: the journal's checksum (Espruino has it built in; in the interpreter it would cost 0.1 s a record). */
  crc32(data: Uint8Array): Uint8Array;
  /** One block of AES (FIPS 197); the key has 16, 24 or 32 bytes. */
  aesEncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array;
  readonly p256: Curve;
  /** null: this board does not offer it, and the token does not advertise it. */
  readonly p384: Curve | null;
}

export interface DeviceIdentity {
  readonly model: string;
  /** Unsigned 32 bits; printed on the case. */
  readonly serial: number;
  readonly simulated: boolean;
}

/** Both are PART_* of protocol/vendor.ts, added up. */
export interface HardwareTest {
  readonly parts: number;
  readonly failed: number;
}

export interface Hal {
  readonly device: DeviceIdentity;
  readonly rng: Rng;
  readonly flash: Flash;
  readonly button: Button;
  readonly led: Led;
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
  /** Looks at what the token has no other way to try: PART_BUTTON, PART_LIGHTS; a simulator at none. */
  selfTest(): HardwareTest;
}

export function randomBytes(rng: Rng, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  rng.fill(bytes);
  return bytes;
}
