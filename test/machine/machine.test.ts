import { describe, expect, it } from 'vitest';
import { layout } from '../../emu/cpu/index.ts';
import { Machine } from '../../emu/machine/index.ts';
import {
  count,
  ENTRY,
  endOfInterrupt,
  type FakeProcessor,
  goto,
  halt,
  initialiseInterrupts,
  inToMemory,
  iret,
  machineWith,
  nop,
  out,
  outWord,
  startTimer,
  sti,
  tripleFault,
} from './support/fake-processor.ts';
import { makeKernel } from './support/kernel-file.ts';

const TICKS = 0x8000;
const BYTES = 0x9000;
const COM1 = 0x3f8;
const MIB = 2 ** 20;

/** Says a text at the console, one byte per step. */
function say(text: string) {
  return [...new TextEncoder().encode(text)].map((byte) => out(COM1, byte));
}

/** Clock ticks are counted; the processor halts in between. Ticks come every 119 clocks, 99.7 µs. */
function ticking(first: readonly ReturnType<typeof out>[] = []) {
  const main = [...first, ...initialiseInterrupts(0, 4), ...startTimer(119), sti];
  return {
    main: [...main, halt, goto(main.length)],
    handlers: {
      32: [count(TICKS), endOfInterrupt, iret],
      36: [inToMemory(COM1), endOfInterrupt, iret],
    },
  };
}

function word(machine: Machine, address: number): number {
  return machine.state.u32[(layout.RAM + address) >>> 2] as number;
}

describe('a machine', () => {
  it.each([0, 64 * MIB + 1, 2 * MIB, 4096 * MIB, Number.NaN])(
    'should refuse %d bytes of memory',
    (memory) => {
      expect(() => Machine.create({ memory })).toThrow(expect.objectContaining({ code: 'memorySize' }));
    },
  );

  it('should refuse to run with nothing loaded', () => {
    expect(() => Machine.create({ memory: 4 * MIB }).run()).toThrow(
      expect.objectContaining({ code: 'nothingLoaded' }),
    );
  });

  it('should enter the kernel in flat 32-bit protected mode with EBX at the start-of-day structure', () => {
    const machine = Machine.create({ memory: 4 * MIB });
    const { startInfo } = machine.loadKernel(makeKernel({ entry: ENTRY }), { name: 'kernel' });
    const { state } = machine;
    expect(machine.processor.linearInstructionPointer()).toBe(BigInt(ENTRY));
    expect(state.get64(layout.GPR + 3 * 8)).toBe(BigInt(startInfo));
    expect(state.get32(layout.CR0)).toBe(0x11);
    expect(state.get32(layout.CODE_SIZE)).toBe(4);
    expect(state.segment(1)).toEqual({ selector: 0x08, attributes: 0xc09b, limit: 0xffff_ffff, base: 0n });
    expect(state.segment(3)).toEqual({ selector: 0x10, attributes: 0xc093, limit: 0xffff_ffff, base: 0n });
  });

  it('should begin anew when a kernel is loaded again', () => {
    const { machine } = machineWith({ main: [count(TICKS), outWord(0x604, 0x2000)] });
    machine.run();
    const hash = machine.stateHash();
    machine.loadKernel(makeKernel({ entry: ENTRY }), { name: 'kernel' });
    expect([machine.position, machine.guestTime, machine.ending, word(machine, TICKS)]).toEqual([
      0,
      0,
      undefined,
      0,
    ]);
    machine.run();
    expect(machine.stateHash()).toBe(hash);
  });

  describe('time', () => {
    it('should count a nanosecond per step and add the idle time skipped at HLT', () => {
      const { machine } = machineWith(ticking());
      machine.run({ budget: 15 });
      expect([machine.position, machine.guestTime]).toEqual([15, 15]);
      // The timer was started by the step before STI; its first period is 99734 ns long.
      machine.run({ budget: 1 });
      expect([machine.position, machine.guestTime]).toEqual([16, 99_734 + 12 + 1]);
    });

    it('should give the TSC the guest time', () => {
      const { machine } = machineWith(ticking());
      machine.run({ budget: 100 });
      const [low, high] = machine.bus.timeStampCounter(machine.processor.position);
      expect(high * 2 ** 32 + low).toBe(machine.guestTime);
    });

    it('should tick as often as the timer says', () => {
      const { machine } = machineWith(ticking());
      const stop = machine.run({ untilTime: 1_000_000_000 });
      expect(stop.reason).toBe('time');
      expect(stop.time).toBe(1_000_000_000);
      expect(word(machine, TICKS)).toBe(Math.floor(1_193_182 / 119));
    });

    it('should end a slice when a device brings the next deadline forward', () => {
      const main = [...initialiseInterrupts(0), ...startTimer(0), sti, nop, nop, ...startTimer(1)];
      const spin = main.length;
      const { machine } = machineWith({
        main: [...main, nop, goto(spin)],
        handlers: { 32: [count(TICKS), out(0x43, 0x30), endOfInterrupt, iret] },
      });
      machine.run({ budget: 2000 });
      // The first deadline was 55 ms away; the handler leaves the timer without a count.
      expect(word(machine, TICKS)).toBe(1);
    });
  });

  describe('stops', () => {
    it('should stop at the budget, the position and the time asked for', () => {
      const { machine } = machineWith({ main: [nop, goto(0)] });
      expect(machine.run({ budget: 10 })).toEqual({ reason: 'budget', position: 10, time: 10 });
      expect(machine.run({ untilPosition: 25 })).toEqual({ reason: 'position', position: 25, time: 25 });
      expect(machine.run({ untilTime: 31 })).toEqual({ reason: 'time', position: 31, time: 31 });
      expect(machine.step()).toEqual({ reason: 'budget', position: 32, time: 32 });
      expect(machine.run({ budget: 0 })).toEqual({ reason: 'budget', position: 32, time: 32 });
    });

    it.each([-1, 1.5, Number.NaN])('should refuse a budget of %d', (budget) => {
      const { machine } = machineWith({ main: [nop, goto(0)] });
      expect(() => machine.run({ budget })).toThrow(expect.objectContaining({ code: 'badArgument' }));
    });

    it.each([
      ['power-off', outWord(0x604, 0x2000), { reason: 'powerOff' }],
      ['a reset', out(0x64, 0xfe), { reason: 'reset' }],
      ['debug exit', out(0xf4, 9), { reason: 'debugExit', code: 9 }],
      ['a panic', out(0xf4, 4), { reason: 'panic' }],
    ])('should end with %s right after the step', (_, instruction, ending) => {
      const { machine } = machineWith({ main: [nop, instruction, out(0xf4, 1), nop] });
      expect(machine.run({ budget: 100 })).toEqual({ ...ending, position: 2, time: 2 });
      expect(machine.ending).toEqual(ending);
    });

    it('should end with a triple fault', () => {
      const { machine } = machineWith({ main: [nop, tripleFault] });
      expect(machine.run().reason).toBe('shutdown');
    });

    it('should take no step after an ending, and keep the first', () => {
      const both = (cpu: FakeProcessor) => {
        out(0xf4, 4)(cpu);
        outWord(0x604, 0x2000)(cpu);
        return undefined;
      };
      const { machine } = machineWith({ main: [both, nop] });
      expect(machine.run().reason).toBe('panic');
      expect(machine.run()).toEqual({ reason: 'panic', position: 1, time: 1 });
    });

    it('should end rather than use up the budget when the last step does both', () => {
      const { machine } = machineWith({ main: [nop, outWord(0x604, 0x2000)] });
      expect(machine.run({ budget: 2 }).reason).toBe('powerOff');
    });

    it('should be idle when HLT waits for nothing', () => {
      const { machine } = machineWith({ main: [out(0x21, 0xff), sti, halt] });
      expect(machine.run()).toEqual({ reason: 'idle', deadline: undefined, position: 3, time: 3 });
      expect(machine.run().position).toBe(3);
    });

    it('should be idle when interrupts are disabled, however many timers run', () => {
      const main = [...initialiseInterrupts(0), ...startTimer(100), halt];
      const { machine } = machineWith({ main });
      expect(machine.run()).toMatchObject({ reason: 'idle', deadline: undefined });
    });

    it('should be idle when the only timer is masked', () => {
      const main = [...initialiseInterrupts(4), ...startTimer(100), sti, halt];
      const { machine } = machineWith({ main });
      expect(machine.run()).toMatchObject({ reason: 'idle', deadline: undefined });
    });

    it('should stop at a breakpoint before its instruction, and go on from it', () => {
      const { machine } = machineWith({ main: [nop, nop, nop, goto(0)] });
      machine.processor.setBreakpoints([BigInt(ENTRY + 2)]);
      expect(machine.run()).toEqual({ reason: 'breakpoint', position: 2, time: 2 });
      expect(machine.run()).toEqual({ reason: 'breakpoint', position: 6, time: 6 });
    });

    it('should stop when an observer asks for it', () => {
      const { machine } = machineWith({ main: [nop, ...say('ab'), goto(0)] });
      machine.console.onOutput((bytes) => {
        if (bytes[0] === 0x62) machine.requestStop();
      });
      expect(machine.run()).toEqual({ reason: 'requested', position: 3, time: 3 });
    });
  });

  describe('the console', () => {
    it('should hand over output with its position', () => {
      const { machine } = machineWith({ main: [nop, ...say('hi'), outWord(0x604, 0x2000)] });
      const seen: [string, number][] = [];
      machine.console.onOutput((bytes, position) => seen.push([String.fromCharCode(...bytes), position]));
      machine.run();
      expect(seen).toEqual([
        ['h', 1],
        ['i', 2],
      ]);
    });

    it('should call nobody who has gone', () => {
      const { machine } = machineWith({ main: [...say('a'), outWord(0x604, 0x2000)] });
      let calls = 0;
      machine.console.onOutput(() => calls++)();
      machine.run();
      expect(calls).toBe(0);
    });

    it('should stop exactly where a text is complete', () => {
      const { machine } = machineWith({ main: [nop, ...say('login: '), nop, goto(0)] });
      expect(machine.run({ untilText: 'in: ', budget: 1000 })).toEqual({
        reason: 'consoleText',
        position: 8,
        time: 8,
      });
      expect(machine.run({ untilText: 'in: ', budget: 1000 }).position).toBe(8 + 10);
    });

    it('should find a text that began before the run, but not one that was found already', () => {
      const { machine } = machineWith({ main: [...say('abcb'), nop, goto(4)] });
      machine.run({ budget: 2 });
      expect(machine.run({ untilText: 'abc', budget: 100 }).position).toBe(3);
      expect(machine.run({ untilText: 'cb', budget: 100 }).reason).toBe('budget');
    });

    it('should find a text in UTF-8', () => {
      const { machine } = machineWith({ main: [...say('grün'), nop, goto(5)] });
      expect(machine.run({ untilText: 'grü', budget: 100 }).position).toBe(4);
    });

    it('should deliver typed input through the interrupt handler', () => {
      const { machine } = machineWith(ticking([out(COM1 + 1, 0x01)]));
      machine.state.set32(layout.GPR, BYTES);
      machine.run({ budget: 30 });
      machine.console.write('ok');
      machine.run({ untilTime: 100_000_000 });
      expect(new TextDecoder().decode(machine.state.ram.subarray(BYTES, BYTES + 3))).toBe('ok\0');
    });

    it('should type a line of the script each time the guest waits, and stop at its end', () => {
      const { machine } = machineWith(ticking([out(COM1 + 1, 0x01)]));
      machine.state.set32(layout.GPR, BYTES);
      machine.console.setScript({ bytes: new TextEncoder().encode('ls\nhalt') });
      const stop = machine.run({ budget: 10_000 });
      expect(stop.reason).toBe('inputEnd');
      expect(new TextDecoder().decode(machine.state.ram.subarray(BYTES, BYTES + 8))).toBe('ls\nhalt\0');
      expect(machine.input.entries.map((entry) => entry.kind === 'console' && entry.bytes.length)).toEqual([
        3, 4,
      ]);
    });

    it('should wait for the prompt before it types', () => {
      const prompt = machineWith(ticking(say('$ '))).machine;
      // As a shell asks the terminal where the cursor is.
      const asking = machineWith(ticking(say('$ \x1b[6n'))).machine;
      const none = machineWith(ticking(say('$x'))).machine;
      const unfinished = machineWith(ticking(say('$ \x1b[6'))).machine;
      for (const machine of [prompt, asking, none, unfinished]) {
        machine.console.setScript({ bytes: new TextEncoder().encode('ls\n'), prompts: ['# ', '$ '] });
        machine.run({ budget: 1000 });
      }
      expect(prompt.input.entries).toHaveLength(1);
      expect(asking.input.entries).toHaveLength(1);
      expect(unfinished.input.entries).toHaveLength(0);
      expect(none.input.entries).toHaveLength(0);
    });
  });

  describe('paced idle time', () => {
    it('should stop at HLT and say what it waits for', () => {
      const { machine } = machineWith(ticking());
      const stop = machine.run({ pauseWhenIdle: true });
      expect(stop).toEqual({ reason: 'idle', deadline: 12 + 99_734, position: 15, time: 15 });
    });

    it('should let idle time pass up to the deadline and no further', () => {
      const { machine } = machineWith(ticking());
      machine.run({ pauseWhenIdle: true });
      expect(machine.skipIdle(1000)).toBe(1000);
      expect(machine.run({ pauseWhenIdle: true })).toMatchObject({ reason: 'idle', time: 1015 });
      expect(machine.skipIdle(1_000_000)).toBe(99_734 + 12 - 1015);
      machine.run({ pauseWhenIdle: true });
      expect(word(machine, TICKS)).toBe(1);
    });

    it('should let no idle time pass while the processor runs', () => {
      const { machine } = machineWith(ticking());
      machine.run({ budget: 3 });
      expect(machine.skipIdle(1000)).toBe(0);
    });

    it('should give the same run as skipped idle time', () => {
      const paced = machineWith(ticking()).machine;
      const skipped = machineWith(ticking()).machine;
      while (paced.position < 200) {
        if (paced.run({ pauseWhenIdle: true, untilPosition: 200 }).reason === 'idle') paced.skipIdle(77_777);
      }
      skipped.run({ untilPosition: 200 });
      expect(paced.stateHash()).toBe(skipped.stateHash());
    });
  });

  describe('writes from outside', () => {
    it('should reach RAM and registers, drop decoded instructions and be logged', () => {
      const { machine, processor } = machineWith({ main: [nop, goto(0)] });
      machine.run({ budget: 5 });
      const flushes = processor.flushes;
      machine.writeMemory(0x5000, Uint8Array.of(1, 2, 3));
      machine.writeRegister(layout.GPR + 8, 8, 0x1234_5678_9abc_def0n);
      expect([...machine.state.ram.subarray(0x5000, 0x5003)]).toEqual([1, 2, 3]);
      expect(machine.state.get64(layout.GPR + 8)).toBe(0x1234_5678_9abc_def0n);
      expect(processor.written).toEqual([0x5000, 3]);
      expect(processor.flushes).toBe(flushes + 1);
      expect(machine.input.entries.map(({ kind, position }) => [kind, position])).toEqual([
        ['memory', 5],
        ['register', 5],
      ]);
    });

    it('should not go beyond RAM or the state page', () => {
      const { machine } = machineWith({ main: [nop] });
      expect(() => machine.writeMemory(4 * MIB - 1, new Uint8Array(2))).toThrow(
        expect.objectContaining({ code: 'notRam' }),
      );
      expect(() => machine.writeRegister(layout.STATE_END, 8, 0n)).toThrow(
        expect.objectContaining({ code: 'badArgument' }),
      );
    });
  });
});
