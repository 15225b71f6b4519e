import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gcc } from '../guest-qemu/support/guest.ts';
import { describeWithOracle } from '../oracles/require.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Tests that fail, each in a way of its own. */
const FAILING = `import { expect } from 'vitest';
import { guestTest, preemptionSweep, pufferMatchers } from '${join(ROOT, 'emu/vitest/index.ts')}';
expect.extend(pufferMatchers);

guestTest('a panic', ({ guest }) => {
  void guest.scratch;
  guest.begin('fork');
  guest.until('thread_new');
  guest.faults.flipRegister('rdi', 40);
  guest.scratch.finish();
});

guestTest('a value', ({ guest }) => {
  guest.syscall('write', 1, 'words of mine\\n', 14);
  guest.faults.failCall('uvm_uarea_alloc');
  expect(guest.syscall('fork').value).toBe(1);
});

guestTest('a matcher', ({ guest }) => {
  expect(guest.syscall('close', 77)).toReturnErrno('EINVAL');
});

guestTest('a fault that never comes', ({ guest }) => {
  guest.faults.failCall('uvm_uarea_alloc');
  guest.syscall('getpid');
});

guestTest('another failure, and a fault that never comes', ({ guest }) => {
  guest.faults.failCall('uvm_uarea_alloc');
  expect(guest.syscall('getpid').value).toBe(-7n);
});

guestTest('an interrupt that never comes', ({ guest }) => {
  guest.faults.interruptAt(guest.machine.position + 1e9);
  guest.faults.flipRegisterAt(guest.machine.position + 1e9, 'rax', 1, { mayMiss: true });
  guest.syscall('getpid');
});

guestTest('an action that nobody judges', ({ guest }) => {
  guest.during(() => guest.syscall('getpid'));
});

guestTest('a sweep', ({ guest }) => {
  void guest.scratch;
  let runs = 0;
  preemptionSweep(guest, 'sys_getppid', () => {
    expect(guest.syscall('getppid').errno).toBe(++runs === 4 ? 'EPERM' : 0);
  });
});
`;

describeWithOracle(gcc, 'a failed test', () => {
  let directory: string;
  /** What vitest's report says of each test that failed. */
  const messages = new Map<string, readonly string[]>();
  const messageOf = (name: string): string => (messages.get(name) ?? []).join('\n');

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'puffer-failed-'));
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    writeFileSync(join(directory, 'own.test.ts'), FAILING);
    const { stdout } = spawnSync(
      process.execPath,
      [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=json', '--testTimeout=60000'],
      {
        cwd: directory,
        encoding: 'utf8',
        env: {
          ...process.env,
          NO_COLOR: '1',
          PUFFER_TEST_RESULTS: undefined,
          VITEST_WORKER_ID: undefined,
          VITEST_POOL_ID: undefined,
        },
      },
    );
    const report = JSON.parse(stdout.slice(stdout.indexOf('{'))) as {
      testResults: { assertionResults: { title: string; failureMessages: string[] }[] }[];
    };
    for (const { assertionResults } of report.testResults) {
      for (const { title, failureMessages } of assertionResults) messages.set(title, failureMessages);
    }
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** The recording that a message names, which must be there. */
  const recordingOf = (message: string): { readonly path: string; readonly position: number } => {
    const all = [...message.matchAll(/npx puffer debug --open (\S+) --ex 'goto (\d+)'/g)];
    expect(all).toHaveLength(1);
    const [, path = '', position] = all[0] ?? [];
    expect(existsSync(join(directory, path))).toBe(true);
    return { path, position: Number(position) };
  };

  it('should tell of a panic where it came from, and open there', () => {
    const message = messageOf('a panic');
    expect(message).toMatch(
      /the kernel panics at position \d+: .*pc=[0-9a-f]+ <\w+\+0x[0-9a-f]+> at \S+\.[chS]:\d+/,
    );
    expect(message).toMatch(/console's tail:\n(?:.*\n)* {2}fatal page fault/);
    expect(message).toMatch(/\d+ {2}\(fault\) bit 40 of rdi flips\n(?:.*\n)*.*thread_new/);
    const [, panicked] = /panics at position (\d+)/.exec(message) ?? [];
    expect(recordingOf(message).position).toBe(Number(panicked));
  });

  it("should tell of an expectation of vitest's own what the kernel did", () => {
    const message = messageOf('a value');
    expect(message).toMatch(/expected .* to be 1/);
    expect(message).toMatch(/console's tail:\n(?:.*\n)* {2}words of mine\n/);
    expect(message).toMatch(/\(fault\) uvm_uarea_alloc does not run, and returns 0\n/);
    expect(message).toMatch(/ fork1 = ENOMEM\n/);
    expect(message).not.toMatch(/ksh \(\d+\)|has not returned/);
    recordingOf(message);
  });

  it('should say once what a matcher has said', () => {
    recordingOf(messageOf('a matcher'));
  });

  it('should tell of an interrupt whose position never came', () => {
    const message = messageOf('an interrupt that never comes');
    expect(message).toMatch(
      /a fault never happened: an interrupt at position \d+: the guest has come to \d+ \(/,
    );
    recordingOf(message);
  });

  it('should tell of an action that was given to no matcher, by the line', () => {
    expect(messageOf('an action that nobody judges')).toMatch(
      /no matcher was given this during\((?:.*\n)*.*own\.test\.ts:\d+/,
    );
  });

  it('should tell of a sweep where the interrupt was', () => {
    const message = messageOf('a sweep');
    const [, position, count] =
      /with an interrupt at position (\d+), before 0x[0-9a-f]+ <sys_getppid\+0x[0-9a-f]+> at \S+\.c:\d+ \(instruction 3 of the (\d+) that are executed in sys_getppid\):\nexpected \S+ to be 'EPERM'/.exec(
        message,
      ) ?? [];
    expect(Number(count)).toBeGreaterThan(3);
    expect(message.match(/\(fault\) the timer interrupts/g)).toHaveLength(1);
    expect(message).toMatch(new RegExp(`${position} {2}\\(fault\\) the timer interrupts`));
    recordingOf(message);
  });

  it('should tell of a fault that never came once, and only when nothing else has failed', () => {
    const missed = messageOf('a fault that never comes');
    expect(missed.match(/a fault never happened/g)).toHaveLength(1);
    recordingOf(missed);
    const other = messageOf('another failure, and a fault that never comes');
    expect(other).not.toMatch(/a fault never happened/);
    recordingOf(other);
  });
});
