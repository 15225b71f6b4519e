import { describe, expect, it } from 'vitest';
import { Machine } from '../../../emu/index.ts';
import { guestImage } from '../../../emu/vitest/guest-image.ts';
import { PROMPT } from '../guest-case.ts';
import { fillFreeMemory } from '../support/used-memory.ts';
import { Typist } from '../typist.ts';

/** Programs whose output shows what they were given, and which use most of the kernel. */
const COMMANDS = [
  'ls -l /etc | wc -l; echo $?',
  'uname -srm; id; ulimit -s; ulimit -n; sysctl -n kern.maxproc kern.nprocs kern.nthreads',
  'echo text > /tmp/file; cp /tmp/file /tmp/copy; cat /tmp/copy; ls -s /tmp; rm /tmp/file /tmp/copy',
  'ksh -c "sleep 0.1 & wait; kill -9 \\$\\$"; echo $?',
  'for program in kern/pipe kern/tmpfs kern/exec kern/sigmask; do /regress/sys/$program; done',
];

async function transcripts(before: (machine: Machine) => void): Promise<readonly string[]> {
  const image = await guestImage({ regress: true });
  const machine = Machine.create({ ...image, commandLine: 'seed=1 time=1700000000' });
  before(machine);
  const typist = new Typist(machine);
  const boot = typist.type('', (shown) => PROMPT.test(shown));
  return [boot, ...COMMANDS.map((command) => typist.command(command))];
}

describe('a machine whose memory is full of what was there before', () => {
  it('should boot, and run programs as one with empty memory does', async () => {
    const expected = await transcripts(() => undefined);
    expect(expected.at(-1)).toMatch(/^(?:pass .*\n)+$/);
    expect(await transcripts(fillFreeMemory)).toEqual(expected);
  });
});
