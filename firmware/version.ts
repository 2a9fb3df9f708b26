// The firmware's version.

/** [major, minor, patch], told in the device information, in attestations and in statements. */
export const FIRMWARE_VERSION: readonly number[] = [0, 1, 0];
