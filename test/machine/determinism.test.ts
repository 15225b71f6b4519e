import { describe, expect, it } from 'vitest';
import { layout } from '../../emu/cpu/index.ts';
import { decodeSnapshot, encodeSnapshot, type InputEntry, type Machine } from '../../emu/machine/index.ts';
import {
  count,
  endOfInterrupt,
  goto,
  halt,
  initialiseInterrupts,
  inToMemory,
  iret,
  machineWith,
  nop,
  out,
  startTimer,
  sti,
} from './support/fake-processor.ts';

const TICKS = 0x8000;
const COM1 = 0x3f8;
const END = 3000;

/** Works, prints, reprograms the timer and halts, over and over; ticks and input interrupt it. */
function busy(): Machine {
  const main = [
    ...initialiseInterrupts(0, 4),
    out(COM1 + 3, 0x80),
    out(COM1, 1),
    out(COM1 + 1, 0),
    out(COM1 + 3, 0x03),
    out(COM1 + 2, 0x81),
    out(COM1 + 1, 0x01),
    ...startTimer(1193),
    sti,
  ];
  const loop = main.length;
  const { machine } = machineWith({
    main: [
      ...main,
      count(0x8100),
      nop,
      out(COM1, 0x2e),
      ...startTimer(700),
      nop,
      halt,
      count(0x8200),
      goto(loop),
    ],
    handlers: {
      32: [count(TICKS), endOfInterrupt, iret],
      36: [inToMemory(COM1), count(0x8300), endOfInterrupt, iret],
    },
  });
  machine.state.set32(layout.GPR, 0x9000);
  return machine;
}

/** State hashes at ten positions. */
function hashes(machine: Machine, slice: number): string[] {
  const found: string[] = [];
  while (machine.position < END) {
    const next = (Math.floor(machine.position / (END / 10)) + 1) * (END / 10);
    while (machine.position < next) machine.run({ untilPosition: next, budget: slice });
    found.push(machine.stateHash());
  }
  return found;
}

/** A run with input typed at odd moments, in the middle of idle time too. */
function interactive(): { machine: Machine; hashes: string[] } {
  const machine = busy();
  machine.run({ budget: 333 });
  machine.console.write('first');
  machine.run({ budget: 41 });
  machine.run({ pauseWhenIdle: true });
  machine.skipIdle(12_345);
  machine.console.write('second, longer than the FIFO of sixteen');
  machine.run({ budget: 500 });
  machine.writeMemory(0x7000, Uint8Array.of(1, 2, 3));
  machine.writeRegister(layout.GPR + 8, 8, 77n);
  return { machine, hashes: [machine.stateHash(), ...hashes(machine, 1000)] };
}

describe('a run', () => {
  it('should be the same in slices of 1, 7, 1000 and a million steps', () => {
    const whole = hashes(busy(), 1_000_000);
    expect(new Set(whole).size).toBe(10);
    for (const slice of [1, 7, 1000]) expect(hashes(busy(), slice)).toEqual(whole);
  });

  it('should be the same with observers and without', () => {
    const machine = busy();
    let seen = 0;
    machine.console.onOutput(() => seen++);
    expect(hashes(machine, 1000)).toEqual(hashes(busy(), 1000));
    expect(seen).toBeGreaterThan(10);
  });

  it('should be the same while a text is awaited and found', () => {
    const machine = busy();
    for (let index = 0; index < 5; index++) machine.run({ untilText: '.', untilPosition: 290 });
    expect(hashes(machine, 1000)).toEqual(hashes(busy(), 1000));
  });

  it('should be the same with a snapshot taken and restored in the middle', () => {
    const machine = busy();
    machine.run({ untilPosition: 777 });
    const snapshot = machine.snapshot();
    machine.run({ budget: 1234 });
    machine.restore(snapshot);
    expect(machine.position).toBe(777);
    const plain = busy();
    plain.run({ untilPosition: 777 });
    expect(hashes(machine, 100)).toEqual(hashes(plain, 1000));
  });

  it('should go on from a snapshot file in another machine', () => {
    const first = busy();
    first.run({ untilPosition: 1777 });
    const bytes = encodeSnapshot(first.snapshot());
    const second = busy();
    second.restore(decodeSnapshot(bytes));
    expect(second.stateHash()).toBe(first.stateHash());
    expect(hashes(second, 7)).toEqual(hashes(first, 1000));
  });
});

describe('recorded input', () => {
  it('should give the same run when replayed, in any slices', () => {
    const recorded = interactive();
    const entries = recorded.machine.input.entries;
    expect(entries.map((entry) => entry.kind)).toEqual(['console', 'console', 'memory', 'register']);
    for (const slice of [1, 7, 1_000_000]) {
      const machine = busy();
      machine.replay(entries);
      const start = (entries.at(-1) as InputEntry).position;
      machine.run({ untilPosition: start });
      // The last two came in after the run had stopped at their position.
      machine.run({ untilPosition: start + 1 });
      expect(hashes(machine, slice)).toEqual(recorded.hashes.slice(1));
    }
  });

  it('should refuse live input while it is replayed, and after it', () => {
    const { machine: recorded } = interactive();
    const machine = busy();
    machine.replay(recorded.input.entries);
    const write = () => machine.console.write('x');
    expect(write).toThrow(expect.objectContaining({ code: 'replaying' }));
    expect(() => machine.writeMemory(0, Uint8Array.of(1))).toThrow(
      expect.objectContaining({ code: 'replaying' }),
    );
    machine.run({ untilPosition: END });
    expect(write).toThrow(expect.objectContaining({ code: 'replaying' }));
    machine.input.dropRest();
    write();
  });

  it('should come in again after going back, and make room for other input when the rest is dropped', () => {
    const machine = busy();
    machine.run({ budget: 300 });
    const snapshot = machine.snapshot();
    machine.run({ budget: 50 });
    machine.console.write('abc');
    machine.run({ untilPosition: END });
    const hash = machine.stateHash();

    machine.restore(snapshot);
    expect(() => machine.console.write('x')).toThrow(expect.objectContaining({ code: 'replaying' }));
    machine.run({ untilPosition: END });
    expect(machine.stateHash()).toBe(hash);
    machine.console.write('live again');

    machine.restore(snapshot);
    machine.input.dropRest();
    machine.run({ untilPosition: END });
    expect(machine.stateHash()).not.toBe(hash);
  });

  it('should begin an empty log after a snapshot whose future was dropped', () => {
    const machine = busy();
    const start = machine.snapshot();
    machine.run({ budget: 300 });
    machine.console.write('abc');
    machine.run({ budget: 300 });
    const later = machine.snapshot();
    machine.restore(start);
    machine.input.dropRest();
    machine.console.write('x');
    machine.restore(later);
    expect(machine.input.entries).toEqual([]);
    machine.console.write('y');
    expect(machine.input.entries[0]?.position).toBe(600);
  });

  it('should be typed once from a script, however often the machine goes back', () => {
    const script = { bytes: new TextEncoder().encode('a\nbb\nccc\n') };
    const machine = busy();
    machine.console.setScript(script);
    const start = machine.snapshot();
    machine.run({ untilPosition: 200 });
    const middle = machine.snapshot();
    expect(machine.input.cursor).toBeGreaterThan(0);
    machine.run({ untilPosition: END });
    const hash = machine.stateHash();
    const entries = machine.input.entries.length;
    for (const snapshot of [middle, start]) {
      machine.restore(snapshot);
      machine.run({ untilPosition: END });
      expect(machine.stateHash()).toBe(hash);
      expect(machine.input.entries).toHaveLength(entries);
    }
    machine.restore(middle);
    machine.input.dropRest();
    machine.run({ untilPosition: END });
    expect(machine.stateHash()).toBe(hash);
  });

  it('should say when it belongs to another run', () => {
    const machine = busy();
    machine.run({ budget: 100 });
    machine.replay([{ position: 50, time: 50, kind: 'console', bytes: Uint8Array.of(1), scripted: false }]);
    expect(() => machine.run({ budget: 1 })).toThrow(expect.objectContaining({ code: 'missed' }));
    const entry = (position: number) =>
      ({ position, time: position, kind: 'console', bytes: Uint8Array.of(1), scripted: false }) as const;
    expect(() => machine.replay([entry(200), entry(199)])).toThrow(
      expect.objectContaining({ code: 'badLog' }),
    );
  });
});
