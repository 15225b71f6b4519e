import { afterEach, describe, expect, it } from 'vitest';
import { gcc } from '../guest-qemu/support/guest.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { DebugGuest } from './support/debug-guest.ts';
import { compilePie, PIE, pieLine } from './support/pie-program.ts';

interface Frame {
  readonly address: bigint;
  readonly function: string;
  readonly line: number;
  readonly program: string;
  readonly arguments: Readonly<Record<string, string>>;
}

/** How it may be compiled: variables in memory or in registers, with lists of DWARF 5 and of DWARF 4. */
const WAYS: readonly (readonly string[])[] = [['-O0'], ['-O1'], ['-O1', '-gdwarf-4']];

describeWithOracle(gcc, 'the debugger in a position-independent program', () => {
  let guest: DebugGuest;
  afterEach(() => guest.close());

  const boot = async (options: readonly string[], lines: readonly string[]): Promise<void> => {
    guest = await DebugGuest.boot(lines, undefined, undefined, new Map([[PIE, compilePie(options)]]));
  };
  const frames = async (): Promise<Frame[]> => (await guest.data('backtrace')) as Frame[];

  describe.each(WAYS.map((options) => ({ options, name: options.join(' ') })))(
    'with $name',
    ({ options }) => {
      it('should stop at its functions wherever each process has loaded it', async () => {
        await boot(options, [PIE, PIE]);
        await guest.run(`break prog:${PIE}:twice`);
        const stops: Frame[] = [];
        for (let count = 0; count < 4; count++) {
          await guest.run('continue');
          const [inner, outer] = await frames();
          expect([inner?.program, inner?.function, outer?.function]).toEqual([PIE, 'twice', '_start']);
          stops.push(inner as Frame);
        }
        const addresses = stops.map(({ address }) => address);
        expect(addresses[0]).toBe(addresses[1]);
        // The two runs of it lie at two places.
        expect(addresses[2]).not.toBe(addresses[0]);
        expect(addresses[2]).toBe(addresses[3]);
        expect(await guest.run('continue')).toMatch(/waits for input/);
      });

      it('should show its variables, lines and symbols', async () => {
        await boot(options, [PIE]);
        await guest.run(`break prog:${PIE}:pie.c:${pieLine('if (n')}`, 'continue');
        expect((await frames()).slice(0, 2)).toMatchObject([
          { function: 'twice', line: pieLine('if (n'), arguments: { n: '4' } },
          { function: '_start', line: pieLine('n = twice(n);') },
        ]);
        expect(await guest.run('print counter')).toMatch(/= 3$/m);
        expect(await guest.run('info symbol $rip')).toMatch(/^twice\b/);
        expect(await guest.run('print &twice')).toMatch(/<twice>$/m);
        expect(await guest.run('disassemble twice')).toMatch(/<twice\+0x\w+>:/);
        await guest.run('continue');
        expect(await guest.run('print n')).toMatch(/= 8$/m);
        expect(await guest.run('print counter')).toMatch(/= 11$/m);
        expect(await guest.run('finish')).toMatch(/Value returned is \$\d+ = 16/);
      });
    },
  );

  it('should print at its functions, by what each process has loaded, and go back to them', async () => {
    await boot(['-O0'], [PIE, PIE]);
    await guest.run(
      `dprintf prog:${PIE}:pie.c:${pieLine('if (n')},"n %d of %d at %d\\n",n,counter,$rip > 0x10000`,
    );
    await guest.run('continue');
    expect(guest.host.printed).toBe('n 4 of 3 at 1\nn 8 of 11 at 1\n'.repeat(2));
    await guest.run('delete', `break prog:${PIE}:twice if n == 0`, `break prog:${PIE}:_start`);
    await guest.run('delete 2', 'reverse-continue');
    const [last] = await frames();
    expect(last?.function).toBe('_start');
    await guest.run('reverse-continue');
    const [first] = await frames();
    expect(first?.function).toBe('_start');
    expect(first?.address).not.toBe(last?.address);
    // Its variables are those of the process, also by the program's name.
    expect(await guest.run(`print prog:${PIE}:counter`)).toMatch(/= 3$/m);
  });

  it('should watch a variable of it, and run on to a place in it', async () => {
    await boot(['-O0'], [PIE]);
    await guest.run(`tbreak prog:${PIE}:_start`, 'continue', 'watch counter');
    expect(await guest.run('continue')).toMatch(/Old value = 3\nNew value = 11\n/);
    expect(await guest.run('advance twice')).toMatch(/^twice \(/);
    expect(await guest.run('info line twice')).toMatch(/code 0x[0-9a-f]{8,} to/);
    expect(await guest.run('info breakpoints')).toMatch(/watchpoint +counter/);
    expect(await guest.run('break')).toMatch(/at prog:pie:twice at pie\.c/);
    expect(await guest.run('info breakpoints')).toMatch(/0x1[0-9a-f]{3} of its file in prog:pie:twice/);
  });
});
