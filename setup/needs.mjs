// What Sceau needs from the operating system: how to see whether it is there, and the Debian package that brings it.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const LIBRARY_FOLDERS = ["x86_64-linux-gnu", "aarch64-linux-gnu", "arm-linux-gnueabihf", "."].map((folder) => join("/usr/lib", folder));

const command = (name) => () =>
  [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"].some((folder) => existsSync(join(folder, name)));
const library = (path) => () => LIBRARY_FOLDERS.some((folder) => existsSync(join(folder, path)));
const file = (path) => () => existsSync(path);

/** For `npm start`: the compiler builds pkcs11js, the module is how software reaches the bridge. */
export const RUN_NEEDS = [
  { package: "python3", what: "python3 (node-gyp)", isThere: command("python3") },
  { package: "make", what: "make (node-gyp)", isThere: command("make") },
  { package: "g++", what: "a C++ compiler (node-gyp)", isThere: command("g++") },
  { package: "p11-kit-modules", what: "p11-kit-client.so", isThere: library("pkcs11/p11-kit-client.so") },
];

/** For `npm test`: the outside judges. */
export const TEST_NEEDS = [
  ...RUN_NEEDS,
  { package: "openssl", what: "openssl", isThere: command("openssl") },
  { package: "poppler-utils", what: "pdfsig", isThere: command("pdfsig") },
  { package: "libnss3-tools", what: "certutil", isThere: command("certutil") },
  { package: "opensc", what: "pkcs11-tool, opensc-tool", isThere: command("pkcs11-tool") },
  { package: "opensc-pkcs11", what: "opensc-pkcs11.so", isThere: library("opensc-pkcs11.so") },
  { package: "pcscd", what: "pcscd", isThere: command("pcscd") },
  { package: "vsmartcard-vpcd", what: "the virtual reader of vsmartcard", isThere: library("pcsc/drivers/serial/libifdvpcd.so") },
  { package: "qpdf", what: "qpdf", isThere: command("qpdf") },
  { package: "yubico-piv-tool", what: "yubico-piv-tool", isThere: command("yubico-piv-tool") },
  { package: "yubikey-manager", what: "ykman", isThere: command("ykman") },
  { package: "golang-github-go-piv-piv-go-dev", what: "piv-go", isThere: file("/usr/share/gocode/src/github.com/go-piv/piv-go/go.mod") },
  { package: "golang-go", what: "go (piv-go)", isThere: command("go") },
  { package: "libpcsclite-dev", what: "winscard.h (piv-go)", isThere: file("/usr/include/PCSC/winscard.h") },
  { package: "pkg-config", what: "pkg-config (piv-go)", isThere: command("pkg-config") },
];

export const isDebian = file("/etc/debian_version");
