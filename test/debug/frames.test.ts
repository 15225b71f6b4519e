import { beforeAll, expect, it } from 'vitest';
import { gcc, qemu, readGuest } from '../guest-qemu/support/guest.ts';
import { differences, differencesOf } from '../oracles/frames/compare.ts';
import { stacksOnQemu, stopsOnPuffer, untilProgram } from '../oracles/frames/frames-on-qemu.ts';
import { FramesUnderGdb } from '../oracles/frames/frames-under-gdb.ts';
import { chooseMoments, inOrder } from '../oracles/frames/moments.ts';
import type { GuestFiles } from '../oracles/qemu-guest.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gdb } from './gdb/support/gdb.ts';

const SEED = 1;
/** Moments anywhere, and as many of the fork. */
const COUNT = 30;
const PLACES_ON_QEMU = 20;

describeWithOracle([gdb, gcc], "puffer's back-trace", () => {
  let files: GuestFiles;
  beforeAll(async () => {
    files = await readGuest();
  });

  it("is gdb's at moments of the guest's life and at each instruction of the kernel's assembly", async () => {
    const moments = chooseMoments(files, SEED, COUNT);
    expect(moments.assembly.length).toBeGreaterThan(200);
    const frames = await FramesUnderGdb.start(files);
    try {
      let deepest = 0;
      for (const position of inOrder(moments)) {
        const stacks = await frames.at(position);
        expect(differences(stacks), `position ${position}`).toEqual([]);
        deepest = Math.max(deepest, stacks.own.length);
      }
      expect(deepest).toBeGreaterThan(12);
    } finally {
      await frames.close();
    }
  });

  describeWithOracle(qemu, 'and the same guest on QEMU', () => {
    it('has the same stack on the way of a fork, from the kernel into the shell', async () => {
      const stops = stopsOnPuffer(files, SEED, PLACES_ON_QEMU);
      const stacks = await stacksOnQemu(
        files,
        stops.map(({ address }) => address),
      );
      expect(stacks).toHaveLength(PLACES_ON_QEMU);
      for (const [index, { address, own }] of stops.entries()) {
        const levels = untilProgram(own);
        const found = differencesOf(levels, stacks[index] ?? [], levels.length);
        expect(found, `at 0x${address.toString(16)}`).toEqual([]);
      }
    });
  });
});
