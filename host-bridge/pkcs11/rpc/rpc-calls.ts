// The calls of p11-kit's RPC protocol (p11-kit/rpc-message.h): number = place in the table, name, the signature of its arguments and of
// its results. In a signature: y byte, u ulong, s space-padded text, z text, v version, M mechanism, A attribute, a… array of …,
// f… room for an array of … .

export interface RpcCall {
  readonly id: number;
  readonly name: string;
  readonly request: string;
  readonly response: string;
}

const TABLE = `
ERROR||u
C_Initialize|ayyay|
C_Finalize||
C_GetInfo||vsusv
C_GetSlotList|yfu|au
C_GetSlotInfo|u|ssuvv
C_GetTokenInfo|u|ssssuuuuuuuuuuuvvs
C_GetMechanismList|ufu|au
C_GetMechanismInfo|uu|uuu
C_InitToken|uayz|
C_OpenSession|uu|u
C_CloseSession|u|
C_CloseAllSessions|u|
C_GetSessionInfo|u|uuuu
C_InitPIN|uay|
C_SetPIN|uayay|
C_GetOperationState|ufy|ay
C_SetOperationState|uayuu|
C_Login|uuay|
C_Logout|u|
C_CreateObject|uaA|u
C_CopyObject|uuaA|u
C_DestroyObject|uu|
C_GetObjectSize|uu|u
C_GetAttributeValue|uufA|aAu
C_SetAttributeValue|uuaA|
C_FindObjectsInit|uaA|
C_FindObjects|ufu|au
C_FindObjectsFinal|u|
C_EncryptInit|uMu|
C_Encrypt|uayfy|ay
C_EncryptUpdate|uayfy|ay
C_EncryptFinal|ufy|ay
C_DecryptInit|uMu|
C_Decrypt|uayfy|ay
C_DecryptUpdate|uayfy|ay
C_DecryptFinal|ufy|ay
C_DigestInit|uM|
C_Digest|uayfy|ay
C_DigestUpdate|uay|
C_DigestKey|uu|
C_DigestFinal|ufy|ay
C_SignInit|uMu|
C_Sign|uayfy|ay
C_SignUpdate|uay|
C_SignFinal|ufy|ay
C_SignRecoverInit|uMu|
C_SignRecover|uayfy|ay
C_VerifyInit|uMu|
C_Verify|uayay|
C_VerifyUpdate|uay|
C_VerifyFinal|uay|
C_VerifyRecoverInit|uMu|
C_VerifyRecover|uayfy|ay
C_DigestEncryptUpdate|uayfy|ay
C_DecryptDigestUpdate|uayfy|ay
C_SignEncryptUpdate|uayfy|ay
C_DecryptVerifyUpdate|uayfy|ay
C_GenerateKey|uMaA|u
C_GenerateKeyPair|uMaAaA|uu
C_WrapKey|uMuufy|ay
C_UnwrapKey|uMuayaA|u
C_DeriveKey|uMuaA|u
C_SeedRandom|uay|
C_GenerateRandom|ufy|ay
C_WaitForSlotEvent|u|u
C_LoginUser|uuayay|
C_SessionCancel|uu|
C_MessageEncryptInit|uMu|
C_EncryptMessage|uayayayfy|ay
C_EncryptMessageBegin|uayay|
C_EncryptMessageNext|uayayfyu|ay
C_MessageEncryptFinal|u|
C_MessageDecryptInit|uMu|
C_DecryptMessage|uayayayfy|ay
C_DecryptMessageBegin|uayay|
C_DecryptMessageNext|uayayfyu|ay
C_MessageDecryptFinal|u|
C_MessageSignInit|uMu|
C_SignMessage|uayayfy|ay
C_SignMessageBegin|uay|
C_SignMessageNext|uayayyfy|ay
C_MessageSignFinal|u|
C_MessageVerifyInit|uMu|
C_VerifyMessage|uayayay|
C_VerifyMessageBegin|uay|
C_VerifyMessageNext|uayayay|
C_MessageVerifyFinal|u|
C_InitToken2|uays|
C_DeriveKey2|uMuaA|uPu`;

export const RPC_CALLS: readonly RpcCall[] = TABLE.trim()
  .split("\n")
  .map((row, id) => {
    const [name = "", request = "", response = ""] = row.split("|");
    return { id, name, request, response };
  });

/** What the server answers when a call fails: one ulong, the CKR. */
export const ERROR_CALL = RPC_CALLS[0] as RpcCall;

/** First argument: a slot, or flags. */
const WITHOUT_SESSION: ReadonlySet<string> = new Set([
  "C_GetSlotInfo",
  "C_GetTokenInfo",
  "C_GetMechanismList",
  "C_GetMechanismInfo",
  "C_InitToken",
  "C_InitToken2",
  "C_OpenSession",
  "C_CloseAllSessions",
  "C_WaitForSlotEvent",
]);
/** They end what another call of the session waits for, so they can't stand in line behind it. */
const PAST_OTHERS: ReadonlySet<string> = new Set(["C_CloseSession", "C_SessionCancel"]);

/** Whether the call names a session first, and waits for the calls of that session that came before it. */
export function isInSessionOrder({ name, request }: RpcCall): boolean {
  return request.startsWith("u") && !WITHOUT_SESSION.has(name) && !PAST_OTHERS.has(name);
}

const knownParts = new Map<string, readonly string[]>();

/** A signature's parts: «uaA» → u, aA. */
export function signatureParts(signature: string): readonly string[] {
  const known = knownParts.get(signature) ?? partsOf(signature);
  knownParts.set(signature, known);
  return known;
}

function partsOf(signature: string): string[] {
  return signature.match(/a[yuA]|f[yuA]|[yuszvMPA]/g) ?? [];
}
