import { beforeAll, expect, it } from 'vitest';
import { KernelImage } from '../../emu/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { type ForkPath, forkPathOnPuffer, forkPathOnQemu, SAMPLE } from './support/fork-path.ts';
import { gcc, qemu, readGuest } from './support/guest.ts';

/** A fork of the shell copies its address space and all that belongs to it. */
const SHORTEST_FORK = 10_000;
const AROUND = 8;

describeWithOracle([gcc, qemu], 'the fork of a shell, from SYSCALL to SYSRETQ', () => {
  let image: KernelImage;
  let ours: ForkPath;
  let theirs: ForkPath;

  const around = (path: ForkPath, index: number): string[] =>
    path.addresses.slice(Math.max(index - AROUND, 0), index + AROUND).map((address) => {
      const place = image.place(address);
      return `${place.function}+${place.offset} ${place.file}:${place.line}`;
    });

  beforeAll(async () => {
    const files = await readGuest();
    image = KernelImage.open(files.kernel);
    ours = forkPathOnPuffer(files);
    theirs = await forkPathOnQemu(files, image);
  });

  it('should execute the same instructions as on QEMU', () => {
    expect(ours.addresses.length).toBeGreaterThan(SHORTEST_FORK);
    const differs = ours.addresses.findIndex((address, index) => address !== theirs.addresses[index]);
    if (differs >= 0) {
      // The whole sequences are too long to be read: the names around the first difference say what happened.
      expect(around(ours, differs), `instruction ${differs}`).toEqual(around(theirs, differs));
    }
    expect(ours.addresses.length).toBe(theirs.addresses.length);
  });

  it('should have the same general registers at every thousandth instruction', () => {
    expect(ours.samples).toHaveLength(Math.floor(ours.addresses.length / SAMPLE));
    expect(ours.samples).toEqual(theirs.samples);
  });
});
