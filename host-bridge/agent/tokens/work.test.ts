// Work with a token: lent to one at a time, given up, and its PIN overwritten however it ends.

import { expect, test } from "vitest";
import { sleepUntil, WorkBench } from "../../../test/support/agent-work-bench.ts";
import { DeskError } from "./desk-error.ts";

const SERIAL = "40718225";

test("what is done at once leads on, what throws at once throws, and the PIN is overwritten either way", async () => {
  const bench = await WorkBench.start();
  try {
    const { order, pin } = bench.order(async () => "/done");
    expect(await bench.works.begin(order)).toEqual({ to: "/done" });
    expect([...pin]).toEqual([0, 0, 0]);
    const failing = bench.order(async () => {
      throw new RangeError("no");
    });
    await expect(bench.works.begin(failing.order)).rejects.toThrow(RangeError);
    expect([...failing.pin]).toEqual([0, 0, 0]);
  } finally {
    await bench.close();
  }
});

test("the PIN is overwritten when the token can't be lent at all", async () => {
  const bench = await WorkBench.start();
  try {
    const { order, pin } = bench.order(async () => "/done");
    await expect(bench.works.begin({ ...order, serial: "1" })).rejects.toMatchObject({ refusal: "not-plugged-in" });
    expect([...pin]).toEqual([0, 0, 0]);
  } finally {
    await bench.close();
  }
});

test("a token is lent to one at a time, and free again afterwards", async () => {
  const bench = await WorkBench.start();
  try {
    let isWorking = false;
    const long = bench.order(async (_client, progress) => {
      isWorking = true;
      progress.onButton();
      await new Promise((resolve) => progress.signal.addEventListener("abort", resolve));
      progress.signal.throwIfAborted();
      return "/never";
    });
    const { to } = await bench.works.begin(long.order);
    expect(to).toMatch(/^\/work\/[A-Za-z0-9_-]{22}$/);
    expect(isWorking).toBe(true);
    expect(bench.desk.token(SERIAL).isBusy).toBe(true);
    await expect(bench.desk.pinTriesLeft(SERIAL)).rejects.toMatchObject({ refusal: "busy" });
    await expect(bench.works.begin(bench.order(async () => "/done").order)).rejects.toMatchObject({ refusal: "busy" });
    const work = bench.works.find(to.slice("/work/".length));
    expect([work.waitsForButton, work.outcome]).toEqual([true, null]);
    work.cancel();
    await sleepUntil(() => work.outcome !== null);
    expect(work.outcome).toEqual({ error: expect.any(DeskError) });
    expect([...long.pin]).toEqual([0, 0, 0]);
    expect(await bench.desk.pinTriesLeft(SERIAL)).toBe(3);
  } finally {
    await bench.close();
  }
});

test("an outcome is shown for a quarter of an hour, then forgotten", async () => {
  const bench = await WorkBench.start();
  try {
    let isReleased = false;
    const { order } = bench.order(async (_client, progress) => {
      progress.onButton();
      await sleepUntil(() => isReleased);
      return "/done";
    });
    const { to } = await bench.works.begin(order);
    const id = to.slice("/work/".length);
    isReleased = true;
    await sleepUntil(() => bench.works.find(id).outcome !== null);
    expect(bench.works.find(id).outcome).toEqual({ to: "/done" });
    bench.nowMs += 16 * 60_000;
    expect(() => bench.works.find(id)).toThrow(expect.objectContaining({ refusal: "unknown-work" }));
  } finally {
    await bench.close();
  }
});
