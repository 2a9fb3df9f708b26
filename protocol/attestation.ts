// The extension by which an attestation certificate (SLOT_ATTESTATION signs it) tells what the token knows of a key. DER, not critical:
//
//   Attestation ::= SEQUENCE {
//     version       INTEGER (1),
//     serial        INTEGER,                  -- of the token, unsigned 32 bits
//     firmware      OCTET STRING (SIZE (3)),  -- major, minor, patch
//     slot          INTEGER,                  -- SP 800-73-5 Part 1 §5.1
//     pinPolicy     INTEGER,                  -- PIN_POLICY_* of piv.ts
//     buttonPolicy  INTEGER,                  -- BUTTON_POLICY_*
//     origin        INTEGER,                  -- ORIGIN_*
//     profile       UTF8String,               -- strict, compat
//     simulated     BOOLEAN }

/**
 * UUID 5e3c0d7a-91b4-4f26-a8d3-0c6f72e1b495, in pieces under 1.2.840.113556.1.8000.2554 (Microsoft's arc for that). Not as one number under 2.25
 * (ITU-T X.667): Go and Python's cryptography refuse a whole certificate for a number above 2^31 (golang/go#30757, pyca/cryptography#11338).
 */
export const ATTESTATION_EXTENSION = "1.2.840.113556.1.8000.2554.24124.3450.37300.20262.43219.814962.14791829";
/** Content bytes of its OBJECT IDENTIFIER. */
export const ATTESTATION_EXTENSION_DER = "2a864886f71401be40937a81bc3c9a7a82a334819e2682d153b1de728786e915";
export const ATTESTATION_VERSION = 1;
/** The one extended key usage of an attestation certificate, critical: it proves where a key was made, and is good for nothing else. */
export const ATTESTATION_PURPOSE = `${ATTESTATION_EXTENSION}.1`;
/** Content bytes of its OBJECT IDENTIFIER. */
export const ATTESTATION_PURPOSE_DER = `${ATTESTATION_EXTENSION_DER}01`;
