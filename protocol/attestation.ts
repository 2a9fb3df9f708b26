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

/** 2.25.<UUID 5e3c0d7a-91b4-4f26-a8d3-0c6f72e1b495> (ITU-T X.667). */
export const ATTESTATION_EXTENSION = "2.25.125259242797548162774353561583475602581";
/** Content bytes of its OBJECT IDENTIFIER. */
export const ATTESTATION_EXTENSION_DER = "6981bcbc86ded29ba2bccda8e9c38df79786e915";
export const ATTESTATION_VERSION = 1;
