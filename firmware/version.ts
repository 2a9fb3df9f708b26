// The versions: the firmware's own, and that of what it speaks.

/** [major, minor, patch], told in the device information, in attestations and in statements. */
export const FIRMWARE_VERSION: readonly number[] = [0, 1, 0];

/** Likewise, of the YubiKey PIV extension that the token speaks: AES management keys since 5.4, GET METADATA since 5.3. Tools go by it. */
export const EXTENSION_VERSION: readonly number[] = [5, 4, 3];
