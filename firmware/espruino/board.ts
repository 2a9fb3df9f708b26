// What the firmware has to know of a board.

/** Where `E.hwRand` has its bits from. */
export type Noise = "chip" | "adc";

export interface Board {
  /** Told in the device information. */
  readonly model: string;
  /** As its interpreter calls it (process.env.BOARD). On any other the token says that it is simulated. */
  readonly interpreter: string;
  readonly noise: Noise;
  readonly button: { readonly pin: string; readonly mode: "input_pulldown" | "input_pullup"; readonly pressed: boolean };
  /** A pin for each light; high lights it (the interpreter turns it over where the light hangs the other way). */
  readonly leds: { readonly busy: string; readonly waiting: string; readonly error: string };
  /** The pages of flash that are the token's. */
  readonly flash: { readonly address: number; readonly pageBytes: number; readonly pages: number };
}
