// How the bridge asks a person for a PIN itself, so that the application never sees it (PKCS#11 2.40, CKF_PROTECTED_AUTHENTICATION_PATH).

/** What is done with a key. */
export type KeyPurpose = "signature" | "decryption" | "key-agreement";

/** What the PIN is for: the person is always told. */
export interface PinQuestion {
  readonly what: "login" | KeyPurpose | "officer" | "old-pin" | "new-pin";
  /** The token's serial number. */
  readonly token: string;
  /** For the use of a key: its label. */
  readonly key?: string;
  readonly triesLeft?: number;
  readonly isLastTry: boolean;
}

export interface PinPrompt {
  /** The caller overwrites the PIN after use. @returns null: the person declined, or did not answer in time */
  ask(question: PinQuestion, signal?: AbortSignal): Promise<Uint8Array | null>;
}
