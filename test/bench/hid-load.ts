// An APDU through node-hid, timed: for npm run bench, which runs it in the guest.
//
//   node hid-load.js PATH TIMES WARM-UP
//
// Asks for the discovery object again and again, over a channel of its own. Prints «time apdu NANOSECONDS» for each exchange.

import { openHidTransport } from "../../host-bridge/transport/hid.ts";
import { loadNodeHid } from "../../host-bridge/transport/hid-library.ts";
import { hexToBytes } from "../../protocol/bytes.ts";
import { OBJECT_DISCOVERY } from "../../protocol/piv.ts";

const GET_DISCOVERY = hexToBytes("00cb3fff035c017e00");

const [path = "", times = "", warmUp = ""] = process.argv.slice(2);
const transport = await openHidTransport(loadNodeHid(), path);
const channel = await transport.openChannel();
for (let i = -Number(warmUp); i < Number(times); i++) {
  const begin = process.hrtime.bigint();
  const answer = await channel.transmit(GET_DISCOVERY);
  const end = process.hrtime.bigint();
  if (answer[0] !== OBJECT_DISCOVERY) throw new Error("no discovery object came");
  if (i >= 0) process.stdout.write(`time apdu ${end - begin}\n`);
}
transport.close();
