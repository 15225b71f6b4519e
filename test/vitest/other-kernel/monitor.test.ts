import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect } from 'vitest';
import { otherKernelTest, pufferMatchers } from '../../../emu/vitest/index.ts';

expect.extend(pufferMatchers);

const SOURCES = fileURLToPath(new URL('.', import.meta.url));
/** Functions keep their names and calls: no inlining, no tail calls. */
const FLAGS = [
  ...['-O1', '-g', '-ffreestanding', '-fno-inline', '-fno-optimize-sibling-calls', '-fno-pic'],
  ...['-mno-red-zone', '-mgeneral-regs-only', '-fno-stack-protector', '-fcf-protection=none'],
  ...[
    '-nostdlib',
    '-static',
    '-no-pie',
    '-Wl,--build-id=none',
    '-Wl,-z,noexecstack',
    '-Wl,--no-warn-rwx-segments',
  ],
];
const directory = mkdtempSync(join(tmpdir(), 'puffer-other-kernel-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const it = otherKernelTest(() => {
  const kernel = join(directory, 'kernel');
  const sources = ['start.S', 'kernel.c'].map((name) => join(SOURCES, name));
  execFileSync('gcc', [...FLAGS, `-Wl,-T,${join(SOURCES, 'kernel.ld')}`, '-o', kernel, ...sources]);
  return { kernel, memory: 4 * 2 ** 20, ready: { text: '> ' }, budget: 10_000_000 };
});

const PROMPT = '> ';
const SIZE_OF_TASK = 24;

describe('a kernel that is not ours', () => {
  it('should be told what to do on its console, and be looked at by its own types', ({ kernel }) => {
    kernel.type('c first\n');
    expect(kernel.untilText(PROMPT)).toBe('created\n> ');
    const { machine } = kernel;
    expect(machine.kernel.global('ntasks').number()).toBe(1);
    const task = kernel.view('task', machine.kernel.global('ready').pointer());
    expect(task).toMatchObject({ id: 1, name: 'first', next: 0n });
  });

  it('should be the same for every test', ({ kernel }) => {
    expect(kernel.machine.kernel.global('ntasks').number()).toBe(0);
    expect(kernel.output).toBe('');
  });

  it('should call its functions in an order, which matchers know', ({ kernel }) => {
    const create = (): unknown => {
      kernel.type('c one\n');
      return kernel.untilText(PROMPT);
    };
    expect(kernel.during(create)).toReach('task_create');
    expect(kernel.during(create)).not.toReach('task_end');
    expect(kernel.during(create)).toCallInOrder(['command', 'task_create', 'task_alloc', 'task_enqueue']);
    expect(kernel.during(create)).toMatchTranscript('created\n> ');
    expect(kernel.during(create)).toMatchTranscript('no room\n> ');
  });

  it('should be stopped at a function, and show what it returns', ({ kernel }) => {
    kernel.type('c two\n');
    kernel.until('task_create');
    const name = kernel.machine.kernel.memory.string(kernel.machine.register('rdi'));
    expect(name).toBe('two');
    expect(kernel.runToReturn()).toBe(1n);
  });

  it('should be traced: which function called which, with arguments and results', ({ kernel }) => {
    const tree = kernel.trace(
      () => {
        kernel.type('c three\nc four\n');
        kernel.untilText(PROMPT);
        kernel.untilText(PROMPT);
      },
      { functions: ['task_*', 'command'] },
    );
    expect(tree.toString()).toBe(
      ['command', '  task_create = 1', '    task_alloc = 1', '    task_enqueue']
        .map((line) =>
          line.replace(/task_alloc = 1/, `task_alloc = ${kernel.machine.image.address('tasks')}`),
        )
        .concat('command', '  task_create = 2')
        .concat([
          `    task_alloc = ${kernel.machine.image.address('tasks') + BigInt(SIZE_OF_TASK)}`,
          '    task_enqueue',
        ])
        .join('\n'),
    );
  });

  it('should have calls that fail as a test wants it', ({ kernel }) => {
    kernel.faults.failCall('task_alloc', { returns: 0n });
    kernel.type('c five\n');
    expect(kernel.untilText(PROMPT)).toBe('no room\n> ');
    expect(kernel.machine.kernel.global('ntasks').number()).toBe(0);
  });

  it('should leave its own counts unchanged, which are named', ({ kernel }) => {
    const both = (): unknown => {
      kernel.type('c six\ne\n');
      kernel.untilText(PROMPT);
      return kernel.untilText(PROMPT);
    };
    expect(kernel.during(both)).toLeaveUnchanged('ntasks', 'ready');
    const one = (): unknown => {
      kernel.type('c seven\n');
      return kernel.untilText(PROMPT);
    };
    expect(() => expect(kernel.during(one)).toLeaveUnchanged('ntasks')).toThrow(/ntasks.*0.*1/);
  });

  it('should show in a failure what it called, and how to look at it', ({ kernel }) => {
    const one = (): unknown => {
      kernel.type('c eight\n');
      return kernel.untilText(PROMPT);
    };
    const failing = (): void => expect(kernel.during(one)).toReach('task_end');
    expect(failing).toThrow(
      /expected task_end to be called(?:.*\n)*.*task_create\(name "eight"\)(?:.*\n)*.*npx puffer debug --open \S+ --ex 'goto \d+'/,
    );
  });

  it('should say which name of OpenBSD is missing where one is needed', ({ kernel }) => {
    const nothing = (): void => {};
    expect(() => expect(kernel.during(nothing)).toHaveForked()).toThrow(/no symbol \w+/);
    expect(() => expect(kernel.during(nothing)).toPanic()).toThrow(/no symbol \w+/);
    expect(() => expect(kernel.during(nothing)).toLeaveUnchanged()).toThrow(/nprocesses/);
    expect(() => expect(kernel.during(nothing)).toReach('fork1')).toThrow(/no symbol fork1/);
    expect(() => expect(kernel.during(nothing)).toReturnErrno('fork', 'EAGAIN')).toThrow(/no symbol \w+/);
    expect(() => kernel.until('fork1')).toThrow(/no symbol fork1/);
  });
});
