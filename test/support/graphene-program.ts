// graphene-pk11 in a process of its own: does what `Pkcs11Program` asks for. Argument: the module.

import {
  KeyGenMechanism,
  KeyType,
  type Mechanism,
  Module,
  NamedCurve,
  ObjectClass,
  type PrivateKey,
  type PublicKey,
  type Session,
  SessionFlag,
  UserType,
} from "graphene-pk11";
import { answerLines } from "./call-lines.ts";

/** CKF_OS_LOCKING_OK: graphene's own default would make p11-kit's client refuse. */
const OS_LOCKING = 2;
const CONTEXT_SPECIFIC = 2;

const module = Module.load(process.argv[2] ?? "", "p11-kit-client");
let session: Session | null = null;

function current(): Session {
  if (session === null) throw new Error("no session");
  return session;
}

function privateKey(id: Buffer): PrivateKey {
  return current().find({ class: ObjectClass.PRIVATE_KEY, id }).items(0).toType<PrivateKey>();
}

function publicKey(id: Buffer): PublicKey {
  return current().find({ class: ObjectClass.PUBLIC_KEY, id }).items(0).toType<PublicKey>();
}

const COMMANDS: Record<string, (...args: never[]) => unknown> = {
  initialize: () => module.initialize({ flags: OS_LOCKING } as never),
  finalize: () => module.finalize(),
  tokens: () => {
    const slots = module.getSlots(true);
    return Array.from({ length: slots.length }, (_, index) => {
      const { label, manufacturerID, serialNumber, flags } = slots.items(index).getToken();
      return { label: label.trim(), manufacturer: manufacturerID.trim(), serialNumber: serialNumber.trim(), flags };
    });
  },
  mechanisms: () => {
    const mechanisms = module.getSlots(0, true).getMechanisms();
    return Array.from({ length: mechanisms.length }, (_, index): Mechanism => mechanisms.items(index)).map((each) => each.name);
  },
  open: (isReadWrite: boolean) => {
    session = module.getSlots(0, true).open(SessionFlag.SERIAL_SESSION | (isReadWrite ? SessionFlag.RW_SESSION : 0));
  },
  login: (pin: string) => current().login(pin, UserType.USER),
  logout: () => current().logout(),
  /** Of certificates and keys: a profile object has no CKA_ID. */
  objects: () =>
    [ObjectClass.CERTIFICATE, ObjectClass.PUBLIC_KEY, ObjectClass.PRIVATE_KEY].flatMap((objectClass) => {
      const found = current().find({ class: objectClass });
      return Array.from({ length: found.length }, (_, index) => {
        const each = found.items(index);
        return { class: ObjectClass[objectClass], id: each.getAttribute("id") as Buffer, label: each.getAttribute("label") as string };
      });
    }),
  certificate: (id: Buffer) => current().find({ class: ObjectClass.CERTIFICATE, id }).items(0).getAttribute("value"),
  alwaysAuthenticate: (id: Buffer) => privateKey(id).alwaysAuthenticate,
  random: (lengthBytes: number) => current().generateRandom(lengthBytes),
  digest: (name: string, data: Buffer) => current().createDigest(name).once(data),
  verify: (id: Buffer, digest: Buffer, signature: Buffer) => current().createVerify("ECDSA", publicKey(id)).once(digest, signature),
  /** The answer is the key's DER-wrapped point. */
  generate: (id: Buffer) => {
    const curve = NamedCurve.getByName("secp256r1").value;
    const forPublic = { keyType: KeyType.EC, token: true, id, verify: true, paramsEC: curve };
    const forPrivate = { keyType: KeyType.EC, token: true, private: true, sensitive: true, id, sign: true };
    return current().generateKeyPair(KeyGenMechanism.EC, forPublic, forPrivate).publicKey.getAttribute("pointEC");
  },
  /** As graphene's documentation has it. */
  sign: (id: Buffer, digest: Buffer) => current().createSign("ECDSA", privateKey(id)).once(digest),
  /** graphene asks C_SignInit only together with C_Sign: a context login between them goes through the binding below. */
  signInContext: (id: Buffer, digest: Buffer, pin: string) => {
    const { lib } = module;
    const { handle } = current();
    lib.C_SignInit(handle, { mechanism: 0x1041, parameter: null } as never, privateKey(id).handle);
    lib.C_Login(handle, CONTEXT_SPECIFIC, pin);
    return lib.C_Sign(handle, digest, Buffer.alloc(128));
  },
};

await answerLines((name, args) => {
  const command = COMMANDS[name];
  if (command === undefined) throw new Error(`no ${name}`);
  return command(...(args as never[]));
});
