import { expect, it } from 'vitest';
import { guestImage } from '../../emu/vitest/guest-image.ts';
import { transcriptOnQemu } from '../oracles/qemu-guest.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { COMMAND_LINE, gcc, PROMPTS, qemu, transcriptOnPuffer, withoutJobPids } from './support/guest.ts';

/** As in test/guest/life/generations.test.ts: PUFFER_GENERATIONS=10000 runs the long campaign. */
const GENERATIONS = Number(process.env.PUFFER_GENERATIONS ?? 1000);

const SESSION = [
  `generations ${GENERATIONS}`,
  'doas -u puffer forkbomb & sleep 0.5',
  'ps -ax -o comm | grep -c forkbomb; generations 5',
  'kill -KILL -$!; kill -KILL -$!; wait',
  'ps -ax -o comm | grep -c forkbomb; sysctl kern.nprocs kern.nthreads',
  'generations 100',
  'halt -p',
];

describeWithOracle([gcc, qemu], 'generations of processes and a fork bomb on puffer and on QEMU', () => {
  it('should leave the same counts', async () => {
    const programs = ['generations.c', 'forkbomb.c'].map(
      (name) => new URL(`../guest/programs/${name}`, import.meta.url),
    );
    const { kernel, initrd } = await guestImage({ programs });
    const files = { kernel: kernel.bytes, initrd: initrd.bytes, commandLine: COMMAND_LINE };
    const ours = transcriptOnPuffer(files, SESSION);
    expect(ours).toContain(
      `forks ${GENERATIONS}, processes +0, threads +0, free pages +0, active +0, anons +0`,
    );
    expect(ours).toContain('forks 100, processes +0, threads +0, free pages +0, active +0, anons +0');
    expect(withoutJobPids(ours)).toBe(withoutJobPids(await transcriptOnQemu(files, SESSION, PROMPTS)));
  });
});
