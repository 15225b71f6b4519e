import { describe, expect, it } from 'vitest';
import * as layout from '../../emu/cpu/layout.ts';
import { CODE, flatProcessor } from './support/flat-processor.ts';

/** LOCK MOV EBX, CR0 and LOCK MOV CR0, EBX: AMD's way to CR8 without REX.R (AMD APM volume 3, MOV CRn). */
const FROM = [0xf0, 0x0f, 0x20, 0xc3];
const TO = [0xf0, 0x0f, 0x22, 0xc3];
/** The same with CR3, which LOCK does not turn into another register. */
const FROM_CR3 = [0xf0, 0x0f, 0x20, 0xdb];
const RBX = layout.GPR + 3 * 8;

function run(bytes: readonly number[]): ReturnType<typeof flatProcessor> {
  const cpu = flatProcessor(0);
  cpu.state.set64(RBX, 7n);
  cpu.state.set64(layout.CR8, 5n);
  cpu.state.ram.set(bytes, CODE);
  cpu.run(1);
  return cpu;
}

describe('CR8', () => {
  it('should be read by LOCK MOV from CR0', () => {
    expect(run(FROM).state.get64(RBX)).toBe(5n);
  });

  it('should be written by LOCK MOV to CR0', () => {
    const { state } = run(TO);
    const untouched = flatProcessor(0).state.get64(layout.CR0);
    expect([state.get64(layout.CR8), state.get64(layout.CR0)]).toEqual([7n, untouched]);
  });

  it('should not be reached by LOCK with another control register', () => {
    const cpu = flatProcessor(0);
    cpu.state.ram.set(FROM_CR3, CODE);
    expect(cpu.run(1)).toBe('shutdown');
  });
});
