// pkcs11js in a process of its own: makes the calls that `Pkcs11Program` asks for. Argument: the module.

import pkcs11js from "pkcs11js";
import { answerLines } from "./call-lines.ts";

const pkcs11 = new pkcs11js.PKCS11();
pkcs11.load(process.argv[2] ?? "");
await answerLines((name, args) => {
  const method: unknown = Reflect.get(pkcs11, name);
  if (typeof method !== "function") throw new Error(`pkcs11js has no ${name}`);
  return Reflect.apply(method, pkcs11, args);
});
