import { beforeAll, expect, it } from 'vitest';
import {
  decodePsFlags,
  EVENT_NAMES,
  type EventOf,
  encodeEvent,
  ForkRecorder,
  type KernelEvent,
  KernelTracer,
} from '../../emu/kernel/index.ts';
import { describeWithOracle } from '../oracles/require.ts';
import { gcc } from './support/fixture-kernel.ts';
import { type Booted, BUDGET, boot, type Guest, readGuest } from './support/guest.ts';

/** State hashes at ten positions of a run and at its end. */
function hashes({ machine }: Booted): string[] {
  const found: string[] = [];
  for (let index = 1; index <= 10; index++) {
    machine.run({ untilPosition: index * 160_000 });
    found.push(`${machine.position} ${machine.guestTime} ${machine.stateHash()}`);
  }
  const stop = machine.run({ budget: BUDGET });
  found.push(`${stop.reason} ${stop.position} ${machine.guestTime} ${machine.stateHash()}`);
  return found;
}

/** Runs commands to the end of the input with all events on. */
function eventsOf(guest: Guest, commands: readonly string[]): { events: KernelEvent[]; booted: Booted } {
  const booted = boot(guest, commands);
  const tracer = new KernelTracer(booted.kernel);
  const events: KernelEvent[] = [];
  for (const name of EVENT_NAMES) tracer.on(name, (event) => events.push(event as KernelEvent));
  expect(booted.machine.run({ budget: BUDGET }).reason).toBe('inputEnd');
  return { events, booted };
}

const named = <N extends KernelEvent['name']>(events: readonly KernelEvent[], name: N): EventOf<N>[] =>
  events.filter((event) => event.name === name) as unknown as EventOf<N>[];

describeWithOracle(gcc, 'events of the guest', () => {
  let guest: Guest;
  let echo: ReturnType<typeof eventsOf>;
  beforeAll(async () => {
    guest = await readGuest();
    echo = eventsOf(guest, ['/bin/echo hello']);
  });

  it('change nothing: with all of them on, and a report, the state is the same at every position', () => {
    const plain = boot(guest, ['ls']);
    const watched = boot(guest, ['ls']);
    const tracer = new KernelTracer(watched.kernel);
    let count = 0;
    for (const name of EVENT_NAMES) {
      tracer.on(name, () => {
        count++;
      });
    }
    new ForkRecorder(tracer, { from: 'power-on' });
    const expected = hashes(plain);
    expect(hashes(watched)).toEqual(expected);
    expect(watched.output()).toBe(plain.output());
    expect(count).toBeGreaterThan(300);
  });

  it('tell a process from its fork to its wait, in order', () => {
    const { events } = echo;
    const fork = named(events, 'sched:fork').at(-1);
    const child = fork?.child;
    expect(fork?.thread?.comm).toBe('ksh');
    expect(child?.comm).toBe('ksh');
    const story = events
      .filter(
        (event) =>
          event.thread?.pid === child?.pid || (event.name === 'proc:wait' && event.pid === child?.pid),
      )
      .filter(({ name }) => name.startsWith('proc:'))
      .map((event) => {
        if (event.name === 'proc:exec') return `exec ${event.path} [${event.argv?.join(',')}] ${event.error}`;
        if (event.name === 'proc:exit') return `exit ${event.status}`;
        return event.name === 'proc:wait' ? `wait ${event.status}` : event.name;
      });
    expect(story).toEqual(['proc:child_return', 'exec /bin/echo [/bin/echo,hello] 0', 'exit 0', 'wait 0']);
    expect(events.map(({ position }) => position)).toEqual(
      events.map(({ position }) => position).toSorted((a, b) => a - b),
    );
  });

  it('show every system call with its arguments and its answer', () => {
    const { events } = echo;
    const exec = named(events, 'proc:exec').at(-1);
    const pid = exec?.thread?.pid;
    const enters = named(events, 'raw_syscalls:sys_enter').filter(({ thread }) => thread?.pid === pid);
    const exits = named(events, 'raw_syscalls:sys_exit').filter(({ thread }) => thread?.pid === pid);
    const write = enters.find(({ systemCall }) => systemCall === 'write');
    expect(write?.number).toBe(4);
    expect([write?.args[0], write?.args[2]]).toEqual([1n, 6n]);
    const answer = exits.find(({ position }) => position > (write?.position ?? 0));
    expect([answer?.systemCall, answer?.error, answer?.rval[0]]).toEqual(['write', 0, 6n]);
    // The child came back from a fork it had not entered, and exit does not come back.
    expect(exits[0]).toMatchObject({ systemCall: 'fork', error: 0, rval: [0n, 1n] });
    expect(enters.at(-1)?.systemCall).toBe('exit');
    expect(exits).toHaveLength(enters.length);
  });

  it('pair each thread that leaves the CPU with the one that comes', () => {
    const switches = echo.events.filter(({ name }) => name === 'sched:off__cpu' || name === 'sched:on__cpu');
    expect(switches.length).toBeGreaterThanOrEqual(10);
    for (const [index, event] of switches.entries()) {
      expect(event.name).toBe(index % 2 === 0 ? 'sched:off__cpu' : 'sched:on__cpu');
      if (event.name !== 'sched:on__cpu') continue;
      const off = switches[index - 1] as EventOf<'sched:off__cpu'>;
      expect(event.address).toBe(off.to);
      expect(event.thread).toEqual(off.next);
    }
  });

  it('show page faults with address and access', () => {
    const faults = named(echo.events, 'uvm:fault');
    expect(faults.some(({ access }) => access.includes('write'))).toBe(true);
    expect(faults.some(({ access }) => access.includes('exec'))).toBe(true);
    for (const fault of faults) expect(fault.address % 4096n).toBe(0n);
  });

  it('miss nothing that the kernel has', () => {
    expect(
      echo.events.flatMap(({ name, missing = [] }) => missing.map((text) => `${name}: ${text}`)),
    ).toEqual([]);
    const seen = new Set(echo.events.map(({ name }) => name));
    expect(EVENT_NAMES.filter((name) => !seen.has(name))).toEqual(['kernel:panic']);
  });

  it('are lines of JSON with 64-bit values in hexadecimal', () => {
    for (const event of echo.events) {
      const line = encodeEvent(event);
      expect(line.indexOf('\n')).toBe(line.length - 1);
      const back = JSON.parse(line) as Record<string, unknown>;
      expect([back.schema, back.version, back.name]).toEqual(['puffer-event', 1, event.name]);
    }
    const uarea = named(echo.events, 'uvm:uarea_alloc').at(-1)!;
    expect(JSON.parse(encodeEvent(uarea))).toMatchObject({
      address: `0x${uarea.address.toString(16)}`,
      pages: 6,
      position: uarea.position,
    });
  });

  it('come through an async iterator too, which ends with its reader', async () => {
    const { machine, kernel } = boot(guest, ['/bin/echo hello']);
    const tracer = new KernelTracer(kernel);
    const stream = tracer.events(['proc:exec', 'proc:exit']);
    machine.run({ budget: BUDGET });
    const found: string[] = [];
    for await (const event of stream) {
      found.push(event.name);
      if (event.name === 'proc:exit') break;
    }
    expect(found).toEqual(['proc:exec', 'proc:exec', 'proc:exec', 'proc:exit']);
    expect([...(machine.breakpoints.take() ?? ['still attached'])]).toEqual([]);
  });

  it('agree with ps(1) about who there is', () => {
    const booted = boot(guest, ['ps -axo pid,comm']);
    const tracer = new KernelTracer(booted.kernel);
    let table: string[] = [];
    tracer.on('proc:exit', ({ thread }) => {
      if (thread?.comm !== 'ps') return;
      const all = [...booted.kernel.processes()];
      expect(all.every((process) => !decodePsFlags(process.number('ps_flags')).includes('PS_EMBRYO'))).toBe(
        true,
      );
      table = all.map((process) => `${process.get('ps_pid')} ${process.get('ps_comm')}`);
    });
    booted.machine.run({ budget: BUDGET });
    const printed = [...booted.output().matchAll(/^ *(\d+) +(\S+)\r$/gm)].map(
      ([, pid, comm]) => `${pid} ${comm}`,
    );
    expect(printed.length).toBeGreaterThanOrEqual(3);
    expect(table.toSorted()).toEqual(expect.arrayContaining(printed.toSorted()));
  });
});
