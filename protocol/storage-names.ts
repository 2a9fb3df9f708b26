// The names that the firmware's files have in the interpreter's Storage.

/** The interpreter runs it at power-on. */
export const BOOT_FILE = ".bootcde";
export const KERNEL_FILE = "sceau.kernel";
/** Eight decimal digits; made when the board is flashed for the first time. */
export const SERIAL_FILE = "sceau.serial";
