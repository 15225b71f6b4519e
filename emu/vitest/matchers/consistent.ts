import { checkConsistency, Structures } from '../../kernel/consistency/index.ts';
import { BootedGuest } from '../booted-guest.ts';
import { GuestTestError } from '../errors.ts';
import type { MatcherResult } from './result.ts';

/** The kernel's lists, hashes, counts, reference counts and page tables agree with each other. */
export function isConsistent(received: unknown): MatcherResult {
  if (!(received instanceof BootedGuest)) {
    throw new GuestTestError('bad-expectation', 'toBeConsistent needs the guest');
  }
  if (!received.hasScratch || !received.scratch.parked) {
    throw new GuestTestError(
      'bad-expectation',
      `the kernel can be judged only between system calls: ${
        received.hasScratch
          ? 'let the one in progress return, with guest.scratch.finish()'
          : 'name guest.scratch right before; guest.sh has ended the process that makes them, or none was there yet'
      }`,
    );
  }
  const structures = new Structures(received.kernel);
  // A child may be asleep in a call that holds references.
  const settled = received.scratch.process.pointer('ps_children.lh_first') === 0n;
  const found = checkConsistency(structures, { settled });
  return {
    pass: found.length === 0,
    message: () =>
      found.length === 0
        ? 'expected the kernel to contradict itself somewhere'
        : `expected the kernel to be consistent, but\n${found.map(({ kind, message }) => `  ${kind}: ${message}`).join('\n')}`,
  };
}
