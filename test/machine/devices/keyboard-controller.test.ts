import { beforeEach, describe, expect, it } from 'vitest';
import { characterCodes, keyCodes } from '../../../emu/machine/devices/keyboard-codes.ts';
import { KeyboardController } from '../../../emu/machine/devices/keyboard-controller.ts';
import { halt, machineWith } from '../support/fake-processor.ts';
import { Bench, RecordedLine } from '../support/parts.ts';

const DATA = 0x60;
const STATUS = 0x64;
const OUTPUT_FULL = 0x01;

let bench: Bench;
let line: RecordedLine;
let controller: KeyboardController;

beforeEach(() => {
  bench = new Bench();
  line = new RecordedLine(1);
  controller = new KeyboardController({ bus: bench.bus, line, end: bench.end });
});

/** Reads all that waits. */
function drain(): number[] {
  const bytes: number[] = [];
  while ((bench.in(STATUS) & OUTPUT_FULL) !== 0) bytes.push(bench.in(DATA));
  return bytes;
}

function command(value: number, operand?: number): number[] {
  bench.out(STATUS, value);
  if (operand !== undefined) bench.out(DATA, operand);
  return drain();
}

function type(text: string): void {
  for (const character of text) controller.keyboard.type(characterCodes(character) ?? []);
}

describe('a keyboard controller', () => {
  it('should be idle as firmware leaves it', () => {
    expect(bench.in(STATUS)).toBe(0x14);
    expect(command(0x20)).toEqual([0x65]);
  });

  it.each([
    ['self-test', 0xaa, [0x55]],
    ['test of the keyboard', 0xab, [0x00]],
    ['test of the auxiliary device, which is not there', 0xa9, [0x02]],
    ['input port', 0xc0, [0x80]],
    ['output port, with A20 open', 0xd0, [0x03]],
  ])('should answer its %s', (_, value, expected) => {
    expect(command(value)).toEqual(expected);
  });

  it('should keep its memory and show whether the last byte was a command', () => {
    expect(command(0x65, 0x99)).toEqual([]);
    expect(bench.in(STATUS) & 0x08).toBe(0);
    bench.out(STATUS, 0x25);
    expect(bench.in(STATUS) & 0x08).toBe(0x08);
    expect(drain()).toEqual([0x99]);
  });

  it('should give back what is written to its output buffer, and drop what is meant for an auxiliary device', () => {
    expect(command(0xd2, 0x42)).toEqual([0x42]);
    expect(command(0xd3, 0x5a)).toEqual([0x5a]);
    expect(command(0xd4, 0xf2)).toEqual([]);
  });

  it('should interrupt for each byte, unless that is disabled', () => {
    type('a');
    expect(line.rises).toBe(1);
    bench.in(DATA);
    expect(line.rises).toBe(2);
    bench.in(DATA);
    expect(line.high).toBe(false);
    command(0x60, 0x64);
    type('a');
    expect(line.high).toBe(false);
    expect(drain()).toEqual([0x1e, 0x9e]);
  });

  it('should hold the keyboard back while it is disabled, and let its own answers by', () => {
    bench.out(STATUS, 0xad);
    type('a');
    expect(command(0xaa)).toEqual([0x55]);
    expect(command(0xae)).toEqual([0x1e, 0x9e]);
  });

  it('should pass set 2 on as it is without translation', () => {
    command(0x60, 0x25);
    type('a');
    expect(drain()).toEqual([0x1c, 0xf0, 0x1c]);
  });

  it.each([
    ['a command to pulse the reset line', () => bench.out(STATUS, 0xfe)],
    ['the output port', () => command(0xd1, 0xfe)],
  ])('should reset through %s', (_, reset) => {
    reset();
    expect(bench.endings).toEqual([{ reason: 'reset' }]);
  });

  it('should not reset for other bits', () => {
    command(0xd1, 0x01);
    command(0xff);
    expect(bench.endings).toEqual([]);
  });

  it('should be saved with its keyboard', () => {
    type('Hi');
    bench.in(DATA);
    bench.out(STATUS, 0xd2);
    const saved = JSON.parse(JSON.stringify(controller.save()));
    controller.reset();
    expect(drain()).toEqual([]);
    controller.restore(saved);
    expect(controller.save()).toEqual(saved);
    bench.out(DATA, 0x77);
    expect(drain()).toEqual([0x23, 0x77, 0xa3, 0xaa, 0x17, 0x97]);
  });
});

describe('a keyboard', () => {
  const ask = (...bytes: number[]): number[] => {
    for (const byte of bytes) bench.out(DATA, byte);
    return drain();
  };

  it('should answer what drivers ask', () => {
    expect(ask(0xff)).toEqual([0xfa, 0xaa]);
    // Translated: 0x83 is the F7 key's code.
    expect(ask(0xf2)).toEqual([0xfa, 0xab, 0x41]);
    expect(ask(0xed, 0x07)).toEqual([0xfa, 0xfa]);
    expect(ask(0xf3, 0x00)).toEqual([0xfa, 0xfa]);
    expect(ask(0xee)).toEqual([0xee]);
    expect(ask(0xfe)).toEqual([0xee]);
    expect(ask(0x12)).toEqual([0xfe]);
    command(0x60, 0x25);
    expect(ask(0xf0, 0x00)).toEqual([0xfa, 0xfa, 0x02]);
    expect(ask(0xf2)).toEqual([0xfa, 0xab, 0x83]);
  });

  it('should take a command where an operand was due', () => {
    expect(ask(0xed, 0xf4)).toEqual([0xfa, 0xfa]);
    expect(ask(0x07)).toEqual([0xfe]);
  });

  it('should lose keys while scanning is disabled', () => {
    ask(0xf5);
    type('a');
    expect(drain()).toEqual([]);
    ask(0xf4);
    type('a');
    expect(drain()).toEqual([0x1e, 0x9e]);
  });

  it.each([
    ['a', [0x1e, 0x9e]],
    ['A', [0x2a, 0x1e, 0x9e, 0xaa]],
    ['1', [0x02, 0x82]],
    ['!', [0x2a, 0x02, 0x82, 0xaa]],
    ['\n', [0x1c, 0x9c]],
    ['\b', [0x0e, 0x8e]],
    ['\x1b', [0x01, 0x81]],
    ['\\', [0x2b, 0xab]],
    ['?', [0x2a, 0x35, 0xb5, 0xaa]],
    [' ', [0x39, 0xb9]],
  ])('should send set 1 for %j when translated', (character, expected) => {
    type(character);
    expect(drain()).toEqual(expected);
  });

  it('should have keys without characters', () => {
    controller.keyboard.type([...keyCodes('F1'), ...keyCodes('F7'), ...keyCodes('Up')]);
    expect(drain()).toEqual([0x3b, 0xbb, 0x41, 0xc1, 0xe0, 0x48, 0xe0, 0xc8]);
  });

  it('should have a key for every printable character', () => {
    for (let code = 0x20; code < 0x7f; code++) {
      expect(characterCodes(String.fromCharCode(code)), String.fromCharCode(code)).toBeDefined();
    }
  });
});

describe('typing on the keyboard of a machine', () => {
  it('should go through the input log', () => {
    const { machine } = machineWith({ main: [halt] });
    machine.typeKeys('Hi\n');
    machine.pressKey('F10');
    expect(machine.input.entries.map((entry) => entry.kind)).toEqual(['keyboard', 'keyboard']);
    expect(machine.bus.portRead(DATA, 1)).toBe(0x2a);
    const other = machineWith({ main: [halt] }).machine;
    other.replay(machine.input.entries);
    other.run({ budget: 1 });
    expect(other.bus.portRead(DATA, 1)).toBe(0x2a);
  });

  it('should refuse what has no key', () => {
    const { machine } = machineWith({ main: [halt] });
    expect(() => machine.typeKeys('aß')).toThrow(expect.objectContaining({ code: 'badArgument' }));
    expect(machine.input.entries).toEqual([]);
  });
});
