// Why a device cannot be opened: what the person at the computer can do about it.

export type DeviceKind = "hid" | "serial";

/** The user may not read and write the device's file. */
export class PortForbiddenError extends Error {
  override readonly name = "PortForbiddenError";
  readonly kind: DeviceKind;
  readonly path: string;
  /** The group that owns the file: `dialout`. */
  readonly group: string;
  constructor(kind: DeviceKind, path: string, group: string, options?: ErrorOptions) {
    super(`${path} may not be opened by this user (group ${group})`, options);
    this.kind = kind;
    this.path = path;
    this.group = group;
  }
}

/** The device is there, and could not be opened: another program has it, or it has just gone. Nothing was sent. */
export class PortBusyError extends Error {
  override readonly name = "PortBusyError";
}

/** The file is no serial port. */
export class NoPortError extends Error {
  override readonly name = "NoPortError";
  readonly path: string;
  constructor(path: string, options?: ErrorOptions) {
    super(`${path} is no serial port`, options);
    this.path = path;
  }
}

/** The native library for this kind of device cannot be loaded. */
export class LibraryMissingError extends Error {
  override readonly name = "LibraryMissingError";
  readonly kind: DeviceKind | "pcsc";
  constructor(kind: DeviceKind | "pcsc", reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.kind = kind;
  }
}
