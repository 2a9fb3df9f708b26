import { expect, test } from "vitest";
import { DEFAULT_VPCD, parseVpcdAddress, pcscdSocket, QUICK_ACK_ROUTE, readerAddresses } from "./vpcd-address.ts";

test.each([
  ["127.0.0.1:35963", { host: "127.0.0.1", port: 35_963 }],
  ["localhost:1", { host: "127.0.0.1", port: 1 }], // never ::1, where vpcd does not listen and anybody else may
  ["127.83.67.69:65534", { host: "127.83.67.69", port: 65_534 }],
  ["127.0.0.1:65535", null], // the second reader's port would be none
  ["127.0.0.1:0", null],
  ["127.0.0.1:123456", null],
  ["192.0.2.7:35963", null], // PINs would cross the network in clear
  ["0.0.0.0:35963", null],
  ["127.example.org:35963", null],
  ["reader.example.org:35963", null],
  ["[::1]:35963", null],
  ["::1:35963", null],
  [":35963", null],
  ["35963", null],
  ["", null],
])("%j", (text, address) => {
  expect(parseVpcdAddress(text)).toEqual(address);
});

test("two readers, at vpcd's port and the next; the route is that address's alone", () => {
  expect(readerAddresses(DEFAULT_VPCD)).toEqual([
    { host: "127.83.67.69", port: 0x8c7b },
    { host: "127.83.67.69", port: 0x8c7c },
  ]);
  expect(QUICK_ACK_ROUTE.filter((word) => word.includes("/"))).toEqual(["127.83.67.69/32"]);
});

test("pcscd's socket is where libpcsclite looks", () => {
  expect(pcscdSocket({})).toBe("/run/pcscd/pcscd.comm");
  expect(pcscdSocket({ PCSCLITE_CSOCK_NAME: "/tmp/another" })).toBe("/tmp/another");
});
