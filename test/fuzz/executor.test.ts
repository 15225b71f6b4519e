import { describe, expect } from 'vitest';
import {
  Campaign,
  Executor,
  executeProgram,
  type FuzzProgram,
  formatProgram,
  parseProgram,
} from '../../emu/fuzz/index.ts';
import { shrink } from '../../emu/fuzz/shrink.ts';
import { BootedGuest } from '../../emu/vitest/booted-guest.ts';
import { guestTest as it } from '../../emu/vitest/index.ts';

const PIPE: FuzzProgram = {
  session: false,
  user: 0,
  calls: [
    { id: 1, name: 'pipe', arguments: [{ bytes: '00'.repeat(8) }] },
    {
      id: 2,
      name: 'fork',
      arguments: [],
      child: [{ id: 3, name: 'close', arguments: [{ end: 1, index: 0 }] }],
    },
    { id: 4, name: 'write', arguments: [{ end: 1, index: 1 }, { text: 'hello' }, 5] },
    { id: 5, name: 'mkdir', arguments: [{ text: '/tmp/d' }, 0o755] },
    { id: 6, name: 'open', arguments: [{ text: '/tmp/d/file' }, 0x202, 0o644] },
    { id: 7, name: 'sigsuspend', arguments: [0] },
  ],
};

describe('a program', () => {
  it('should leave nothing behind: processes that sleep, files and open descriptors are cleared away', ({
    guest,
  }) => {
    expect(executeProgram(guest, PIPE).findings).toEqual([]);
    expect(guest.sh('ls /tmp').output).toBe('');
  });

  it('should not be run by a kernel that contradicts itself before', ({ guest }) => {
    void guest.scratch;
    const { machine } = guest;
    const count = machine.kernel.global('nthreads');
    machine.writeMemory(count.address, Uint8Array.of(count.number() + 1));
    expect(() => new Executor(guest)).toThrow(
      expect.objectContaining({
        code: 'not-in-order',
        message: expect.stringMatching(/^the guest is not in order before any program has run:\n.*nthreads/),
      }),
    );
  });

  it('should take the same course each time, and reach something new only once', ({ guest }) => {
    const executor = new Executor(guest);
    const first = executor.execute(PIPE);
    const hash = guest.machine.stateHash();
    const second = executor.execute(PIPE);
    expect(guest.machine.stateHash()).toBe(hash);
    expect(second.steps).toBe(first.steps);
    expect(first.fresh.length).toBeGreaterThan(1000);
    expect(second.fresh).toEqual([]);
    executor.dispose();
  });

  it('should be judged as a leak when something stays', ({ guest }) => {
    const executor = new Executor(guest);
    const numfiles = guest.kernel.global('numfiles');
    // A kernel that forgets to count: at the program's first close, a file more is counted.
    const detach = guest.machine.core.breakpoints.add(guest.machine.image.address('sys_close'), () => {
      const bytes = new Uint8Array(new Int32Array([numfiles.number() + 1]).buffer);
      guest.machine.writeMemory(numfiles.address, bytes);
      return 'continue';
    });
    const { findings } = executor.execute(PIPE);
    detach();
    executor.dispose();
    expect(findings.map(({ key }) => key)).toEqual(['numfiles', 'leak of +numfiles']);
  });

  it('should not be judged as a hang when all it does is to print its memory', async () => {
    const guest = await BootedGuest.boot();
    const executor = new Executor(guest);
    const some = { bytes: '5a'.repeat(8) };
    const none = '00'.repeat(8);
    const { findings, steps } = executor.execute({
      session: false,
      user: 0,
      calls: [
        { id: 91, name: 'break', arguments: [32 * 2 ** 20] },
        {
          id: 1,
          name: 'writev',
          arguments: [
            { result: 2 },
            {
              // 512 bytes, 8 bytes, and as many as what follows in memory says.
              bytes: `${none}0002000000000000${none}0800000000000000`,
              pointers: [
                { offset: 0, to: some },
                { offset: 16, to: some },
              ],
            },
            3,
          ],
        },
        {
          id: 51,
          name: 'sigaction',
          arguments: [
            28,
            { bytes: '00000000000000000000040004000000', pointers: [{ offset: 0, to: { handler: true } }] },
            { bytes: '00'.repeat(16) },
          ],
        },
      ],
    });
    const printed = guest.output.length;
    executor.dispose();
    expect(findings).toEqual([]);
    expect(steps).toBeGreaterThanOrEqual(300_000_000);
    expect(printed).toBeGreaterThan(100_000);
  });

  it('should be judged as a panic, with where it was', ({ guest }) => {
    const executor = new Executor(guest);
    const detach = guest.machine.core.breakpoints.add(guest.machine.image.address('sys_mkdir'), () => {
      guest.machine.setRegister('rip', 0n);
      return 'continue';
    });
    const { findings } = executor.execute(PIPE);
    detach();
    executor.dispose();
    expect(findings[0]).toMatchObject({ oracle: 'panic', message: expect.stringContaining('trap type 6') });
    expect(findings[0]?.stack?.[0]).toMatch(/^panic \(guest\/sys\/kern\/subr_prf\.c:\d+\)$/);
    expect(findings[0]?.stack?.join('\n')).toMatch(/^kerntrap\+0x/m);
  });

  it('should meet failures where it is told to', ({ guest }) => {
    const executor = new Executor(guest);
    const plain = executor.execute(PIPE);
    const failing = executor.execute({ ...PIPE, fault: { function: 'copyout', nth: 1, value: 14 } });
    executor.dispose();
    expect(failing.findings).toEqual([]);
    expect(failing.steps).not.toBe(plain.steps);
  });
});

describe('an interrupt in the middle of a call', () => {
  const interrupted = (source: 'timer' | 'console', call: number, step: number): FuzzProgram => ({
    ...PIPE,
    interrupt: { source, call, step },
  });

  it('should come at the step of the call, from the timer or from the terminal, in parent and child', ({
    guest,
  }) => {
    const { image } = guest.machine;
    const executor = new Executor(guest);
    const cases = [
      ['timer', 'hardclock', 5],
      ['console', 'comintr', 4],
      ['timer', 'hardclock', 3],
    ] as const;
    for (const [source, handler, call] of cases) {
      const seen: string[] = [];
      let entered: number | undefined;
      const attach = (name: string, act: () => void): (() => void) =>
        guest.machine.core.breakpoints.add(image.address(name), () => {
          act();
          return 'continue';
        });
      const names = { 3: 'sys_close', 4: 'sys_write', 5: 'sys_mkdir' };
      const detach = [
        attach(names[call], () => {
          entered ??= guest.machine.position;
        }),
        attach(handler, () => {
          if (entered !== undefined) seen.push(`${guest.machine.position - entered < 700}`);
        }),
      ];
      const { findings } = executor.execute(interrupted(source, call, 400));
      for (const one of detach) one();
      expect({ findings, first: seen[0] }).toEqual({ findings: [], first: 'true' });
    }
    executor.dispose();
  });

  it('should be the same each time, and through the input log', ({ guest }) => {
    const executor = new Executor(guest);
    const program = interrupted('timer', 4, 300);
    const first = executor.execute(program);
    const hash = guest.machine.stateHash();
    const second = executor.execute(program);
    expect([guest.machine.stateHash(), second.steps]).toEqual([hash, first.steps]);
    expect(first.steps).not.toBe(executor.execute(PIPE).steps);
    executor.dispose();
  });

  it('should be kept in the JSON of a program, and shrunk with it', () => {
    const program = interrupted('console', 4, 300);
    expect(parseProgram(formatProgram(program))).toEqual(program);
    expect(() => parseProgram('{"calls":[],"interrupt":{"source":"disk","call":1,"step":2}}')).toThrow(
      /source must be one of timer, console/,
    );
    const needs = ({ calls, interrupt }: FuzzProgram): boolean =>
      calls.some(({ id }) => id === 4) && interrupt?.call === 4 && interrupt.step >= 17;
    expect(shrink(program, needs)).toMatchObject({
      calls: [{ id: 4 }],
      interrupt: { source: 'console', call: 4, step: 17 },
    });
    expect(shrink(program, ({ calls }) => calls.length > 0).interrupt).toBeUndefined();
  });
});

describe('a campaign', () => {
  it('should take the same course for the same seed', ({ guest }) => {
    const course = (): unknown => {
      const executor = new Executor(guest);
      const campaign = new Campaign(executor, 7);
      const steps = Array.from({ length: 25 }, () => campaign.step().kept?.program);
      executor.dispose();
      return { steps, coverage: executor.coverage.total };
    };
    expect(course()).toEqual(course());
  });
});
