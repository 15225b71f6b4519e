import { describe, expect, it } from 'vitest';
import { compareOutcomes } from './compare.ts';
import { AF, CF, type Outcome, PAGE_FAULT, ZF } from './user-case.ts';

const outcome = (part: Partial<Outcome> = {}): Outcome => ({
  end: 'end',
  registers: new BigUint64Array(16),
  flags: 0,
  ripOffset: 3n,
  fsBase: 0n,
  gsBase: 0n,
  memory: [],
  ...part,
});
const fault = (part: Partial<Outcome['fault'] & object>) =>
  outcome({ end: 'fault', fault: { vector: PAGE_FAULT, ...part } });

describe('comparing outcomes', () => {
  it('should find no difference between equal ones', () => {
    expect(compareOutcomes(outcome(), outcome())).toBeUndefined();
  });

  it('should name the first register that differs', () => {
    const registers = new BigUint64Array(16);
    registers[9] = 0x10n;
    expect(compareOutcomes(outcome(), outcome({ registers }))).toBe('r9: expected 0x0, got 0x10');
  });

  it('should name flags, but not those that are undefined', () => {
    const expected = outcome({ flags: CF | AF });
    const got = outcome({ flags: ZF });
    expect(compareOutcomes(expected, got)).toBe('flags: expected CF AF, got ZF');
    expect(compareOutcomes(expected, got, { undefinedFlags: AF })).toBe('flags: expected CF, got ZF');
    expect(compareOutcomes(expected, got, { undefinedFlags: CF | AF | ZF })).toBeUndefined();
  });

  it('should name the first memory that differs', () => {
    const memory = [{ address: 0x100n, bytes: Uint8Array.of(1, 2) }];
    expect(compareOutcomes(outcome(), outcome({ memory }))).toBe(
      'memory: expected no change, got 01 02 at 0x100',
    );
  });

  it('should name another ending, another error code and another address', () => {
    expect(compareOutcomes(outcome(), fault({}))).toMatch(
      /^end: expected end at offset 0x3, got exception 14/,
    );
    expect(compareOutcomes(fault({ errorCode: 4 }), fault({ errorCode: 6 }))).toMatch(/error code 0x6/);
    expect(compareOutcomes(fault({ address: 1n }), fault({ address: 2n }))).toMatch(/address 0x2/);
    expect(compareOutcomes(fault({}), outcome({ ...fault({}), ripOffset: 4n }))).toMatch(/offset 0x4/);
  });

  it('should agree with a detail that one side cannot tell', () => {
    expect(compareOutcomes(fault({ errorCode: 4, address: 8n }), fault({}))).toBeUndefined();
  });
});
