// What `sceau factory` does: roots that vouch for tokens, and the factory step of a token.

import { X509Certificate } from "node:crypto";
import { type AttestationRoot, createRoot, openRoot, rootFile, rootNames } from "../../host-bridge/factory/attestation-root.ts";
import { FactoryError } from "../../host-bridge/factory/factory-error.ts";
import { provisionToken } from "../../host-bridge/factory/provision.ts";
import type { CliContext } from "../context.ts";
import { withOwnToken } from "../tokens.ts";
import type { TokenOption } from "./token.ts";

export interface ProvisionOptions extends TokenOption {
  readonly root?: string;
}

const fingerprintOf = (root: AttestationRoot): string => new X509Certificate(new Uint8Array(root.certificate.rawData)).fingerprint256;

export async function makeRoot(context: CliContext, name: string): Promise<void> {
  const { state, say } = context;
  const root = await createRoot(state.factory, name, context.now());
  const [certificate, fingerprint] = [rootFile(state.factory, name), fingerprintOf(root)];
  context.report({ name, certificate, fingerprint }, [
    say.factory.rootMade(name, certificate),
    `    ${say.factory.fingerprint}`,
    `    ${fingerprint}`,
  ]);
}

/** The root of this name; without one, the only root. @throws FactoryError */
function chosenRoot(folder: string, name: string | undefined): Promise<AttestationRoot> {
  if (name !== undefined) return openRoot(folder, name);
  const [only, ...more] = rootNames(folder);
  if (only === undefined) throw new FactoryError("no-root", "");
  if (more.length > 0) throw new FactoryError("which-root", [only, ...more].join(", "));
  return openRoot(folder, only);
}

export async function provision(context: CliContext, options: ProvisionOptions): Promise<void> {
  const { state, say } = context;
  const root = await chosenRoot(state.factory, options.root);
  await withOwnToken(state, options.token, async ({ client, info: { serial } }) => {
    await provisionToken(client, root, context.now());
    const fingerprint = fingerprintOf(root);
    context.report({ serial, root: root.name, fingerprint }, [say.factory.provisioned(serial, root.name)]);
  });
}
