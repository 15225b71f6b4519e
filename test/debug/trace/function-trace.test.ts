import { beforeAll, describe, expect, it } from 'vitest';
import { layout } from '../../../emu/cpu/index.ts';
import type { TraceCall } from '../../../emu/debug/trace/index.ts';
import type { KernelEvent } from '../../../emu/kernel/index.ts';
import { TracedGuest } from './traced-guest.ts';

let guest: TracedGuest;
beforeAll(() => {
  guest = new TracedGuest();
});

const ancestors = (call: TraceCall): string[] =>
  call.parent === undefined ? [] : [...ancestors(call.parent), call.parent.name];

describe('a trace of all functions', () => {
  it('should leave each call once, after those in it, on the thread that entered it', () => {
    const { told, ended } = guest.trace('ls -l', { functions: ['*'] });
    const open = new Map<number, TraceCall[]>();
    let count = 0;
    for (const { kind, call } of told) {
      const stack = open.get(call.thread.number) ?? [];
      open.set(call.thread.number, stack);
      if (kind === 'enter') {
        expect(call.parent).toBe(stack.at(-1));
        expect(call.depth).toBe(stack.length);
        stack.push(call);
        count++;
      } else expect(stack.pop()).toBe(call);
    }
    expect(count).toBeGreaterThan(10_000);
    expect([...open.values()].flat()).toEqual([]);
    expect(ended).toBe(true);
  });

  it('should have positions that never go back while the trace runs, and steps that fit into them', () => {
    const { told } = guest.trace('ls', { functions: ['*'] });
    let position = 0;
    for (const one of told) {
      if (one.kind === 'enter') {
        expect(one.call.position).toBeGreaterThanOrEqual(position);
        position = one.call.position;
      } else if (one.leave.how !== 'open') {
        expect(one.leave.position).toBeGreaterThanOrEqual(position);
        position = one.leave.position;
        expect(one.leave.steps).toBeLessThanOrEqual(one.leave.position - one.call.position);
      }
    }
  });

  it('should nest interrupts in the calls they came between, and page faults in the system calls they came from', () => {
    const { calls } = guest.trace('ls -l', { functions: ['*'] });
    const nested = calls.filter(({ kind, parent }) => kind === 'interrupt' && parent?.kind === 'function');
    expect(nested.length).toBeGreaterThan(0);
    const faults = calls.filter((call) => call.name === 'page fault');
    expect(faults.length).toBeGreaterThan(0);
    expect(calls.some((call) => call.name === 'uvm_fault' && ancestors(call).includes('page fault'))).toBe(
      true,
    );
  });

  it('should take the same steps to the same state as without, in slices of any size', () => {
    guest.rewind();
    guest.run('ls -l');
    const { position } = guest.machine;
    const hash = guest.machine.core.stateHash();
    for (const slice of [Number.MAX_SAFE_INTEGER, 100_003, 997]) {
      guest.trace('ls -l', { functions: ['*'] }, slice);
      expect(guest.machine.position).toBe(position);
      expect(guest.machine.core.stateHash()).toBe(hash);
    }
  });

  it('should tell the same in slices of any size', () => {
    const short = (slice?: number) =>
      guest
        .trace('ls', { functions: ['*'] }, slice)
        .told.map(({ kind, call }) => `${kind} ${call.name} ${call.position} ${call.time} ${call.depth}`);
    expect(short(997)).toEqual(short());
  });
});

describe('a trace of chosen functions', () => {
  const NAMES = ['fork1', 'thread_new', 'process_new', 'copyin', 'malloc', 'tsleep', 'splx', 'uvm_fault'];

  it('should see what probes see: each entry and return, at the same positions, with the same values', () => {
    guest.rewind();
    const seen: string[] = [];
    const { tracer } = guest.machine;
    const note = (event: KernelEvent): void => {
      if (event.name === 'kprobe:entry') {
        const values = event.arguments.map(({ name, value }) => `${name} ${value}`);
        seen.push(`enter ${event.function} ${event.position} ${values.join(' ')}`);
      } else if (event.name === 'kprobe:return') {
        // A probe sees the return after the RET has executed.
        seen.push(`leave ${event.function} ${event.position - 1} ${event.result}`);
      }
    };
    const detach = [
      ...NAMES.map((name) => tracer.trace({ name })),
      tracer.listen('kprobe:entry', note),
      tracer.listen('kprobe:return', note),
    ];
    guest.run('ls -l');
    for (const one of detach) one();
    const { told } = guest.trace('ls -l', { functions: NAMES });
    const traced = told.flatMap((one) => {
      const { name, kind, position, arguments: values } = one.call;
      if (kind !== 'function') return [];
      if (one.kind === 'enter') {
        const shown = values.map((value) => `${value.name} ${value.value}`);
        return [`enter ${name} ${position} ${shown.join(' ')}`];
      }
      const { how, result } = one.leave;
      return how === 'open' ? [] : [`leave ${name} ${one.leave.position} ${result?.value}`];
    });
    expect(seen.length).toBeGreaterThan(200);
    expect(traced).toEqual(seen);
  });

  it('should show arguments and results by their types, and strings as they were at the entry', () => {
    const listener = guest.trace('ls', { functions: ['fork1', 'sys_execve', 'uvm_uarea_alloc'] });
    const named = (name: string): TraceCall => listener.calls.find((call) => call.name === name) as TraceCall;
    const shown = Object.fromEntries(named('fork1').arguments.map(({ name, text }) => [name, text]));
    expect(shown.flags).toBe('1');
    expect(shown.func).toMatch(/^0xffffffff81[0-9a-f]+ <fork_return>$/);
    expect(named('execve').arguments[0]).toMatchObject({ name: 'path', text: '"/bin/ls"' });
    expect(named('fork1').parent).toMatchObject({ kind: 'systemCall', name: 'fork' });
    expect(listener.leaveOf(named('fork1'))?.result?.text).toBe('0');
    expect(listener.leaveOf(named('uvm_uarea_alloc'))?.result?.text).toMatch(/^0xffff8000[0-9a-f]{8}$/);
  });

  it('should end system calls with what the program gets: a number, or the name of an error', () => {
    const listener = guest.trace('cat /no/such/file');
    const open = listener.calls.find(
      ({ name, arguments: [path] }) => name === 'open' && path?.text === '"/no/such/file"',
    );
    expect(open).toBeDefined();
    expect(listener.leaveOf(open as TraceCall)?.result?.text).toBe('ENOENT');
    const fork = listener.calls.find(({ name, kind }) => name === 'fork' && kind === 'systemCall');
    expect(Number(listener.leaveOf(fork as TraceCall)?.result?.text)).toBeGreaterThan(1);
  });

  it('should follow a thread through its switches, and not count what others did', () => {
    const listener = guest.trace('ls', { functions: ['dowait4', 'child_return'] });
    const wait = listener.calls.find(({ name }) => name === 'dowait4') as TraceCall;
    const child = listener.calls.find(({ name }) => name === 'child_return') as TraceCall;
    const leave = listener.leaveOf(wait);
    expect(child.thread).not.toBe(wait.thread);
    expect(child.position).toBeGreaterThan(wait.position);
    expect(child.position).toBeLessThan(leave?.position ?? 0);
    expect(leave?.steps).toBeLessThan(((leave?.position ?? 0) - wait.position) / 10);
    expect(child.thread.identity).toMatchObject({ comm: 'ls' });
  });

  it('should leave out what is deeper than asked for', () => {
    const { calls } = guest.trace('ls', { functions: ['*'], depth: 3 });
    expect(Math.max(...calls.map(({ depth }) => depth))).toBe(2);
  });

  it('should mark calls that never return', () => {
    const listener = guest.trace('true', { functions: ['exit1'] });
    const exit = listener.calls.find(({ name }) => name === 'exit1') as TraceCall;
    expect(listener.leaveOf(exit)).toMatchObject({ how: 'open' });
  });

  it('should refuse a name that the kernel does not have, and offer what is near', () => {
    const trace = () => guest.trace('true', { functions: ['frok1'] });
    expect(trace).toThrowError(/no function 'frok1'; near it: fork1/);
  });

  it('should leave nothing behind: what runs after it is not logged', () => {
    guest.trace('true', { functions: ['*'] });
    const words = guest.machine.core.state.get32(layout.CALL_LOG_NEXT);
    guest.run('true');
    expect(guest.machine.core.state.get32(layout.CALL_LOG_NEXT)).toBe(words);
  });
});
