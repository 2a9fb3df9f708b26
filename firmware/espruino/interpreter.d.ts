// What an Espruino board has beside the language (protocol/espruino.d.ts): as much of it as this folder uses. Seen in Espruino 2v29.

/** A pin by its name, such as D6 or B3. */
type Pin = string;

/** Bytes in a string of characters 0 to 255: what the serial port gives and takes. */
type ByteString = string;

declare const E: {
  /** 32 bits of whatever the board takes for noise, signed. */
  hwRand(): number;
  /** CRC-32 of IEEE 802.3, unsigned. */
  CRC32(data: Uint8Array | ByteString): number;
  /** A function of the machine's code at an address (an odd one: Thumb), or at an offset in `code`, which is kept in memory then. */
  nativeCall(address: number, signature: "int(int)", code?: ByteString): (argument: number) => number;
  /** Where the bytes lie; 0: not in one piece. */
  getAddressOf(bytes: Uint8Array | ByteString, isFlat: true): number;
  toString(bytes: Uint8Array): ByteString;
  toArrayBuffer(text: ByteString): ArrayBuffer;
  setConsole(device: null, options: { force: boolean }): void;
  enableWatchdog(timeoutS: number, isAutomatic: boolean): void;
  kickWatchdog(): void;
};

declare const USB: {
  on(event: "data", take: (data: ByteString) => void): void;
  write(data: Uint8Array | ByteString): void;
};

interface FlashModule {
  getFree(): { readonly addr: number; readonly length: number }[];
  read(lengthBytes: number, address: number): Uint8Array;
  write(data: Uint8Array, address: number): void;
  erasePage(address: number): void;
}
interface StorageModule {
  read(name: string): ByteString | undefined;
}

/** `global.require`: the bundler takes a bare `require` for its own. */
declare const global: {
  /** The button was down when the script's first line ran. */
  readonly sceauHeld?: boolean;
  require(name: "Flash"): FlashModule;
  require(name: "Storage"): StorageModule;
};

/** Bluetooth; absent where there is no radio. */
declare const NRF: { sleep(): void } | undefined;

declare const process: { readonly env: { readonly BOARD: string } };

declare function digitalRead(pin: Pin): boolean | number;
declare function digitalWrite(pin: Pin, isOn: boolean): void;
declare function pinMode(pin: Pin, mode: "input_pulldown" | "input_pullup" | "input"): void;
/** `edge` both ways; the state that has held for `debounce` ms. */
declare function setWatch(
  onChange: (change: { readonly state: boolean }) => void,
  pin: Pin,
  options: { readonly repeat: boolean; readonly edge: "both"; readonly debounce: number },
): number;
declare function clearWatch(id: number): void;
declare function setInterval(tick: () => void, periodMs: number): number;
declare function clearInterval(id: number): void;
declare function setTimeout(then: () => void, afterMs: number): number;
declare function clearTimeout(id: number): void;
/** Seconds, of no fixed moment. */
declare function getTime(): number;
