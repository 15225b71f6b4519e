import { readFileSync } from 'node:fs';
import { differences } from '../../test/oracles/frames/compare.ts';
import { FramesUnderGdb } from '../../test/oracles/frames/frames-under-gdb.ts';
import { chooseMoments, inOrder } from '../../test/oracles/frames/moments.ts';
import type { GuestFiles } from '../../test/oracles/qemu-guest.ts';
import { absolute, buildGuest, guestPaths } from '../guest/index.ts';
import type { Output } from './output.ts';

export interface FramesOptions {
  readonly seed: number;
  /** Moments anywhere, and as many of the fork. */
  readonly moments: number;
}

export interface FramesResult {
  readonly moments: number;
  /** Moments at which gdb says something else. */
  readonly mismatches: number;
}

/** The guest's command line: a run is the same every time. */
const COMMAND_LINE = 'seed=1 time=1700000000';

/** Compares the debugger's back-trace with gdb's. */
export async function runFrames({ seed, moments: count }: FramesOptions, say: Output): Promise<FramesResult> {
  await buildGuest();
  const read = (path: string): Uint8Array => new Uint8Array(readFileSync(absolute(path)));
  const files: GuestFiles = {
    kernel: read(guestPaths.kernel),
    initrd: read(guestPaths.initrd),
    commandLine: COMMAND_LINE,
  };
  const moments = inOrder(chooseMoments(files, seed, count));
  const frames = await FramesUnderGdb.start(files);
  let levels = 0;
  let mismatches = 0;
  try {
    for (const [index, position] of moments.entries()) {
      say.progress(`${index} of ${moments.length} moments`);
      const stacks = await frames.at(position);
      levels += stacks.own.length;
      const found = differences(stacks);
      if (found.length === 0) continue;
      mismatches++;
      say.say('mismatch', { position, differences: found }, [`position ${position}:`, ...found].join('\n  '));
    }
  } finally {
    say.end();
    await frames.close();
  }
  say.say(
    'summary',
    { campaign: 'frames', seed, moments: moments.length, levels, mismatches },
    `frames, seed ${seed}: ${moments.length} moments, ${levels} levels, ${mismatches} mismatches`,
  );
  return { moments: moments.length, mismatches };
}
