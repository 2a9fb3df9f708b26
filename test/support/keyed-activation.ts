// A certificate by an activation's session: a token with a key in 9C, and what its program sends.

import { createCertificationRequest } from "../../host-bridge/token/certification-request.ts";
import { activationCertificate, activationChallenge, activationSecrets } from "../../office/activation/activating.ts";
import type { IssuedCertificate } from "../../office/issuance/certificate-issuance.ts";
import { BUTTON_POLICY_NEVER, PIN_POLICY_ONCE, SLOT_SIGNATURE } from "../../protocol/piv.ts";
import type { ActivationBench } from "./activation-bench.ts";
import { sealedToken } from "./sealed-token.ts";
import { ascii, PIN } from "./simulated-token.ts";

const SECRETS = { puk: ascii("28460917"), managementKey: new Uint8Array(24).fill(9) };

/** Up to the certificate, which waits for its proof. */
export async function keyedActivation(bench: ActivationBench, session: string, serial: number): Promise<IssuedCertificate> {
  const { token, certificate } = await sealedToken(serial, bench.issuance.now, bench.root);
  const point = await token.makeKey(SLOT_SIGNATURE, { pin: PIN_POLICY_ONCE, button: BUTTON_POLICY_NEVER });
  const client = token.client();
  await client.verifyPin(ascii(PIN));
  const evidence = { attestation: await client.attest(SLOT_SIGNATURE), issuer: certificate };
  await activationSecrets(bench.desk, session, String(serial), SECRETS);
  const challenge = await activationChallenge(bench.desk, session, evidence);
  const request = await createCertificationRequest(point, (digest) => client.sign(SLOT_SIGNATURE, digest), challenge);
  client.close();
  return activationCertificate(bench.desk, session, { request, evidence });
}
