import { beforeEach, describe, expect, it } from 'vitest';
import { addDebugExit } from '../../../emu/machine/devices/debug-exit.ts';
import { KeyboardController } from '../../../emu/machine/devices/keyboard-controller.ts';
import { PciConfiguration } from '../../../emu/machine/devices/pci-configuration.ts';
import { PowerManagement } from '../../../emu/machine/devices/power-management.ts';
import { Bench, RecordedLine } from '../support/parts.ts';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

describe('power management', () => {
  let line: RecordedLine;
  let power: PowerManagement;
  const status = () => bench.bus.portRead(0x600, 2);

  beforeEach(() => {
    line = new RecordedLine(9);
    power = new PowerManagement({ bus: bench.bus, clock: bench.clock, line, end: bench.end });
  });

  it('should count 24 bits at 3.579545 MHz', () => {
    bench.pass(1_000_000_000);
    expect(bench.bus.portRead(0x608, 4)).toBe(3_579_545);
    bench.pass(4_000_000_000);
    expect(bench.bus.portRead(0x608, 4)).toBe((5 * 3_579_545) % 0x100_0000);
    bench.bus.portWrite(0x608, 4, 0);
    expect(bench.bus.portRead(0x608, 4)).toBe((5 * 3_579_545) % 0x100_0000);
  });

  it("should note each change of the timer's topmost bit until it is acknowledged", () => {
    bench.pass(2_343_400_000);
    expect(status()).toBe(0);
    bench.pass(200_000);
    expect(status()).toBe(1);
    bench.bus.portWrite(0x600, 2, 1);
    expect(status()).toBe(0);
    bench.pass(2_343_000_000);
    expect(status()).toBe(0);
    bench.pass(1_000_000);
    expect(status()).toBe(1);
  });

  it('should interrupt once ACPI is enabled and the event too', () => {
    bench.bus.portWrite(0x602, 2, 0xffff);
    expect(bench.bus.portRead(0x602, 2)).toBe(0x0521);
    bench.pass(3_000_000_000);
    expect(line.high).toBe(false);
    bench.out(0xb2, 0xf1);
    expect(bench.bus.portRead(0x604, 2)).toBe(1);
    expect(line.high).toBe(true);
    bench.bus.portWrite(0x600, 2, 1);
    expect(line.high).toBe(false);
    bench.pass(2_343_500_000);
    expect(line.rises).toBe(2);
    bench.out(0xb2, 0xf0);
    expect(line.high).toBe(false);
    expect(bench.bus.portRead(0x604, 2)).toBe(0);
  });

  it('should be saved with a deadline of its own', () => {
    bench.out(0xb2, 0xf1);
    bench.bus.portWrite(0x602, 2, 1);
    const saved = JSON.parse(JSON.stringify(power.save()));
    power.reset();
    expect(bench.clock.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
    power.restore(saved);
    expect(power.save()).toEqual(saved);
    bench.pass(2_343_600_000);
    expect(line.rises).toBe(1);
  });

  it.each([
    ['SLP_EN with SLP_TYP 0 (soft-off)', 0x2000, 1],
    ['SLP_EN with SLP_TYP 2 (suspend to disk)', 0x2800, 1],
    ['SLP_EN with SLP_TYP 1 (suspend to RAM)', 0x2400, 0],
    ['SLP_TYP without SLP_EN', 0x1c00, 0],
    ['SCI_EN', 0x0001, 0],
  ])('should take %s', (_, value, endings) => {
    bench.bus.portWrite(0x604, 2, value);
    expect(bench.endings).toEqual(Array(endings).fill({ reason: 'powerOff' }));
  });

  it('should take the high byte alone', () => {
    bench.out(0x605, 0x20);
    expect(bench.endings).toEqual([{ reason: 'powerOff' }]);
  });

  it('should read back all but SLP_EN', () => {
    bench.bus.portWrite(0x604, 2, 0x2401);
    expect(bench.bus.portRead(0x604, 2)).toBe(0x0401);
    expect(bench.in(0x605)).toBe(0x04);
  });
});

describe('debug exit', () => {
  it.each([
    [0, { reason: 'debugExit', code: 0 }],
    [3, { reason: 'debugExit', code: 3 }],
    [4, { reason: 'panic' }],
  ])('should end with value %i as %j', (value, ending) => {
    addDebugExit(bench);
    bench.out(0xf4, value);
    expect(bench.endings).toEqual([ending]);
  });
});

describe('the ways to reset', () => {
  beforeEach(() => {
    new KeyboardController({ bus: bench.bus, line: new RecordedLine(1), end: bench.end });
    new PciConfiguration(bench);
  });

  it.each([
    ['the keyboard controller', 0x64, 0xfe, 1],
    ['another keyboard controller command', 0x64, 0xaa, 0],
    ['port 0x92', 0x92, 0x01, 1],
    ['the A20 gate at port 0x92', 0x92, 0x02, 0],
    ['the reset control register', 0xcf9, 0x06, 1],
    ['the reset control register without its CPU bit', 0xcf9, 0x02, 0],
  ])('should answer %s', (_, port, value, endings) => {
    bench.out(port, value);
    expect(bench.endings).toEqual(Array(endings).fill({ reason: 'reset' }));
  });

  it('should keep A20 open, and let a driver go on', () => {
    expect(bench.in(0x92)).toBe(0x02);
    expect(bench.in(0x64) & 0x03).toBe(0);
    bench.out(0x80, 0x00);
    expect(bench.in(0x80)).toBe(0xff);
  });
});

describe('PCI configuration space', () => {
  it('should have an address register and nobody behind it', () => {
    const pci = new PciConfiguration(bench);
    bench.bus.portWrite(0xcf8, 4, 0x8000_0800);
    expect(bench.bus.portRead(0xcf8, 4)).toBe(0x8000_0800);
    expect(bench.bus.portRead(0xcfc, 4)).toBe(0xffff_ffff);
    expect(bench.bus.portRead(0xcfe, 2)).toBe(0xffff);
    bench.bus.portWrite(0xcfc, 4, 0);
    expect(pci.save()).toEqual({ address: 0x8000_0800 });
  });
});
