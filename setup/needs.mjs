// What Sceau needs from the operating system: how to see whether it is there, and the Debian package that brings it.

import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

const LIBRARY_FOLDERS = ["x86_64-linux-gnu", "aarch64-linux-gnu", "arm-linux-gnueabihf", "."].map((folder) => join("/usr/lib", folder));

const command = (name) => () =>
  [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"].some((folder) => existsSync(join(folder, name)));
const library = (path) => () => LIBRARY_FOLDERS.some((folder) => existsSync(join(folder, path)));
const file = (path) => () => existsSync(path);
const strongswan = (plugin) => file(`/usr/lib/ipsec/plugins/libstrongswan-${plugin}.so`);

/** For `npm start`: the compiler builds pkcs11js and smartcard, the module is how software reaches the bridge. */
export const RUN_NEEDS = [
  { package: "python3", what: "python3 (node-gyp)", isThere: command("python3") },
  { package: "make", what: "make (node-gyp)", isThere: command("make") },
  { package: "g++", what: "a C++ compiler (node-gyp)", isThere: command("g++") },
  { package: "libpcsclite-dev", what: "winscard.h (smartcard, piv-go)", isThere: file("/usr/include/PCSC/winscard.h") },
  { package: "p11-kit-modules", what: "p11-kit-client.so", isThere: library("pkcs11/p11-kit-client.so") },
];

/** For the guest of test/usb/, which runs on Debian and amd64 alone and says so elsewhere (Ubuntu has no package usbip); its kernel and busybox are fetched, not installed (guest-parts.ts). */
const GUEST_NEEDS = [
  { package: "qemu-system-x86", what: "qemu-system-x86_64 (the guest)", isThere: command("qemu-system-x86_64") },
  { package: "kmod", what: "modprobe, depmod (the guest)", isThere: command("modprobe") },
  { package: "xz-utils", what: "xz (the guest's kernel)", isThere: command("xz") },
  { package: "udev", what: "systemd-udevd (in the guest)", isThere: file("/lib/systemd/systemd-udevd") },
  { package: "usbip", what: "usbip (in the guest)", isThere: command("usbip") },
  { package: "usbutils", what: "lsusb (in the guest)", isThere: command("lsusb") },
  { package: "libccid", what: "the driver of CCID readers (in the guest)", isThere: file("/usr/lib/pcsc/drivers/ifd-ccid.bundle") },
];

const isDebianItself = () => existsSync("/etc/os-release") && /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));

/** For `npm test`: the outside judges. */
export const TEST_NEEDS = [
  ...RUN_NEEDS,
  ...(process.arch === "x64" && isDebianItself() ? GUEST_NEEDS : []),
  { package: "openssl", what: "openssl", isThere: command("openssl") },
  { package: "poppler-utils", what: "pdfsig", isThere: command("pdfsig") },
  { package: "libnss3-tools", what: "certutil, modutil", isThere: command("certutil") },
  { package: "systemd", what: "systemd-analyze (judges units)", isThere: command("systemd-analyze") },
  { package: "udev", what: "udevadm (judges the rule)", isThere: command("udevadm") },
  { package: "iproute2", what: "ip (the route of PC/SC)", isThere: command("ip") },
  { package: "opensc", what: "pkcs11-tool, opensc-tool", isThere: command("pkcs11-tool") },
  { package: "opensc-pkcs11", what: "opensc-pkcs11.so", isThere: library("opensc-pkcs11.so") },
  { package: "pcscd", what: "pcscd", isThere: command("pcscd") },
  { package: "vsmartcard-vpcd", what: "the virtual reader of vsmartcard", isThere: library("pcsc/drivers/serial/libifdvpcd.so") },
  { package: "libengine-pkcs11-openssl", what: "OpenSSL's PKCS#11 engine", isThere: library("engines-3/pkcs11.so") },
  { package: "curl", what: "curl", isThere: command("curl") },
  { package: "openssh-client", what: "ssh, ssh-agent", isThere: command("ssh-agent") },
  // Debian starts a remote login service with it, on port 22: this file keeps it from that (sshd(8) unit, ConditionPathExists).
  { package: "openssh-server", what: "sshd", isThere: command("sshd"), keptFromStartingBy: "/etc/ssh/sshd_not_to_be_run" },
  { package: "qpdf", what: "qpdf", isThere: command("qpdf") },
  { package: "yubico-piv-tool", what: "yubico-piv-tool", isThere: command("yubico-piv-tool") },
  { package: "ykcs11", what: "libykcs11.so (Yubico's PKCS#11 module)", isThere: library("libykcs11.so") },
  { package: "yubikey-manager", what: "ykman", isThere: command("ykman") },
  { package: "golang-github-go-piv-piv-go-dev", what: "piv-go", isThere: file("/usr/share/gocode/src/github.com/go-piv/piv-go/go.mod") },
  { package: "golang-go", what: "go (piv-go)", isThere: command("go") },
  { package: "strongswan-pki", what: "pki (strongSwan)", isThere: command("pki") },
  { package: "libstrongswan-standard-plugins", what: "pki's elliptic curves", isThere: strongswan("openssl") },
  { package: "libstrongswan-extra-plugins", what: "pki's way to http", isThere: strongswan("curl") },
  { package: "softhsm2", what: "SoftHSM2", isThere: command("softhsm2-util") },
  { package: "postgresql", what: "PostgreSQL's server", isThere: file("/usr/lib/postgresql") },
  // Chromium's engine without the windows, which nobody sees here: half of the processor's time.
  { package: "chromium-headless-shell", what: "Chromium (the office's pages)", isThere: command("chromium-headless-shell") },
  { package: "fonts-dejavu-core", what: "fonts for chromium", isThere: file("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf") },
  { package: "pkg-config", what: "pkg-config (piv-go)", isThere: command("pkg-config") },
  { package: "libsofthsm2", what: "SoftHSM2's module", isThere: library("softhsm/libsofthsm2.so") },
  { package: "p11-kit", what: "p11-kit server", isThere: command("p11-kit") },
  { package: "gnutls-bin", what: "p11tool, certtool", isThere: command("p11tool") },
  { package: "default-jdk-headless", what: "keytool, jarsigner", isThere: command("jarsigner") },
  { package: "libreoffice-draw-nogui", what: "LibreOffice Draw", isThere: file("/usr/lib/libreoffice/program/libsdlo.so") },
  { package: "python3-uno", what: "uno for python3 (LibreOffice)", isThere: file("/usr/lib/python3/dist-packages/uno.py") },
  { package: "gcc-arm-none-eabi", what: "a compiler for Cortex-M (the P-256 kernel)", isThere: command("arm-none-eabi-gcc") },
  { package: "qemu-user", what: "qemu-arm (the P-256 kernel)", isThere: command("qemu-arm") },
  { package: "pinentry-tty", what: "pinentry-tty", isThere: command("pinentry-tty") },
  { package: "pinentry-curses", what: "pinentry-curses", isThere: command("pinentry-curses") },
  { package: "libudev1", what: "libudev (node-hid)", isThere: library("libudev.so.1") },
  { package: "libusb-1.0-0", what: "libusb (node-hid)", isThere: library("libusb-1.0.so.0") },
];

export const isDebian = file("/etc/debian_version");
