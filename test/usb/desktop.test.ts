// `sceau install` on a desktop whose systemd is a real one: the service starts and ends, software finds the token, the readers are fast and out of the
// network's reach, a token on USB is that person's who sits at the screen, and nothing is left. Other tests have a systemctl that only records, and no
// seats. A minute and a half of two processors: `npm run test:desktop`.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workbench } from "../support/workbench.ts";
import { Guest, HOST_ADDRESS } from "./guest.ts";
import { whyNoGuest } from "./guest-parts.ts";
import { SCEAU } from "./usb-bench.ts";

const START_LIMIT_MS = 300_000;
const LIMIT_MS = 120_000;
const HOLDER = "ada";
/** Signed in from elsewhere. */
const OTHER = "bob";
/** Whoever sits at the first screen has signed in without a password. */
const AT_THE_SCREEN = `[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin ${HOLDER} --noclear tty1 linux
`;
const ROUTE = "local 127.83.67.69 dev lo proto static scope host src 127.83.67.69 quickack 1";
/** Addresses that documents use (RFC 5737): the guest's, and that of another machine's in front of it. */
const GUEST_ADDRESS = "198.51.100.1";
const OTHER_ADDRESS = "198.51.100.2";
const READER_PORT = 35_963;

const reason = process.env["DESKTOP"] === undefined ? "npm run test:desktop" : whyNoGuest();

describe.skipIf(reason !== null)(reason === null ? "a desktop" : `a desktop (skipped: ${reason})`, { timeout: LIMIT_MS }, () => {
  let guest: Guest;
  let bench: Workbench | null = null;

  const asRoot = (script: string): Promise<string> => guest.mustRun(`cd / && ${script}`, LIMIT_MS);
  /** In a shell of the holder's own, as after signing in. */
  const asHolder = (script: string): Promise<string> =>
    guest.mustRun(`su - ${HOLDER} -c 'export XDG_RUNTIME_DIR=/run/user/$(id -u); ${script}'`, LIMIT_MS);

  /** Whether somebody on the network reaches the virtual reader, while pcscd runs. */
  async function isReachedFromOutside(): Promise<boolean> {
    await asRoot("opensc-tool --list-readers"); // starts pcscd
    const dial = `timeout 3 bash -c "</dev/tcp/${GUEST_ADDRESS}/${READER_PORT}"`;
    return (await guest.run(`ip netns exec outside ${dial}`, LIMIT_MS)).status === 0;
  }

  beforeAll(async () => {
    guest = await Guest.start({ init: "systemd", memoryMb: 1500, processors: 2 });
    await asRoot(`useradd --create-home --shell /bin/bash ${HOLDER} && loginctl enable-linger ${HOLDER}`);
    await asRoot(
      [
        "modprobe veth && ip netns add outside && ip link add inner type veth peer name outer netns outside",
        `ip address add ${GUEST_ADDRESS}/24 dev inner && ip link set inner up`,
        `ip -n outside address add ${OTHER_ADDRESS}/24 dev outer && ip -n outside link set outer up`,
      ].join(" && "),
    );
    await asRoot(`until systemctl is-active user@$(id -u ${HOLDER}); do sleep 0.2; done`);
  }, START_LIMIT_MS);

  afterAll(async () => {
    await guest?.stop();
    await bench?.close();
  });

  test("root installs the machine's part: the route is there, and the network is shut out", async () => {
    expect(await isReachedFromOutside()).toBe(true);
    await asRoot(`${SCEAU} install --pcsc`);
    expect(await asRoot("ip route show table local")).toContain(ROUTE);
    expect(await asRoot("systemctl is-active sceau-pcsc-route.service")).toBe("active\n");
    expect(await isReachedFromOutside()).toBe(false);
  });

  test("the holder installs theirs: the bridge runs, and software sees the token that is plugged in then", async () => {
    await asHolder(`${SCEAU} install`);
    expect(await asHolder("systemctl --user is-active sceau-bridge.service")).toBe("active\n");
    await asHolder(`(setsid ${SCEAU} sim --json >sim.log 2>&1 &); until grep -q plugged-in sim.log; do sleep 0.2; done`);
    await asHolder("until opensc-tool --name; do sleep 0.5; done");
    expect(await asHolder("opensc-tool --name")).toBe("Personal Identity Verification Card\n");
    expect(await asHolder("p11tool --list-tokens")).toContain("manufacturer=Sceau");
  });

  test("a token on USB is opened by whoever sits at the screen, and by nobody else, who is told so", async () => {
    const getty = "/run/systemd/system/getty@tty1.service.d";
    await asRoot(`useradd --create-home ${OTHER} && mkdir -p ${getty} && cat >${getty}/screen.conf <<'UNIT'\n${AT_THE_SCREEN}UNIT`);
    await asRoot(
      "systemctl daemon-reload && systemctl restart getty@tty1 && until loginctl list-sessions | grep -q seat0; do sleep 0.2; done",
    );
    bench = await Workbench.open({ withBridge: false });
    const { serial } = await (await bench.client()).deviceInfo();
    await bench.stop("sim");
    const { port } = (await bench.plugIn(["--usb", "127.0.0.1:0"], ["on-usb"])).get("on-usb") as { port: number };
    await asRoot(`modprobe vhci-hcd && usbip --tcp-port ${port} attach --remote ${HOST_ADDRESS} --busid 1-1`);
    await asRoot("until test -e /dev/hidraw0; do sleep 0.2; done; udevadm settle");
    const look = `${SCEAU} token info --token /dev/hidraw0`;
    expect(JSON.parse(await asHolder(`${look} --json`))).toMatchObject({ serial });
    const refused = await guest.run(`su - ${OTHER} -c '${look}; ${SCEAU} doctor'`, LIMIT_MS);
    expect(refused.stderr).toContain("You may not open /dev/hidraw0");
    expect(refused.stdout).toContain("the rule (/etc/udev/rules.d/70-sceau.rules) does not let you open it");
  });

  test("the service is not started again and again when Node.js has gone, and is when it is back", async () => {
    const show = "systemctl --user show --value --property=ConditionResult,ActiveState sceau-bridge.service";
    await asRoot(`mv ${process.execPath} ${process.execPath}.away`);
    const gone = await asHolder(`systemctl --user restart sceau-bridge.service; ${show}`);
    await asRoot(`mv ${process.execPath}.away ${process.execPath}`);
    expect(gone.trim().split("\n").sort()).toEqual(["inactive", "no"]);
    const back = await asHolder(`systemctl --user start sceau-bridge.service; ${show}`);
    expect(back.trim().split("\n").sort()).toEqual(["active", "yes"]);
  });

  test("all of it is undone: no file, no link, no route, no service", async () => {
    await asHolder(`${SCEAU} install --uninstall`);
    expect((await guest.run(`su - ${HOLDER} -c "find .config ! -type d"`)).stdout).toBe("");
    await asRoot(`${SCEAU} install --uninstall`);
    expect(await asRoot("ip route show table local")).not.toContain("127.83.67.69");
    expect(await asRoot("find /etc/systemd /etc/udev -iname '*sceau*'")).toBe("");
    expect(await isReachedFromOutside()).toBe(true);
  });
});
