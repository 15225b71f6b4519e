import * as layout from '../layout.ts';
import { Through } from '../system/segment-checks.ts';
import { directionFlag, setFlags, zero } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { type I32, type I64, i32, i64 } from '../wasm/expressions.ts';
import { signExtend } from './arithmetic.ts';

const RAX = layout.GPR;
const RCX = layout.GPR + 8;
const RSI = layout.GPR + 6 * 8;
const RDI = layout.GPR + 7 * 8;

const TO_DESTINATION = i32.const(Through.Destination);
/** Bytes of the widest port access. */
const LARGEST_PORT = 4;

const LOAD = { 1: i64.load8u, 2: i64.load16u, 4: i64.load32u, 8: i64.load };
type Size = keyof typeof LOAD;

/** A register under the address size. */
function addressed(site: Site, slot: number): I64 {
  const value = site.get64(slot);
  return site.addressSize === 8
    ? value
    : i64.and(value, i64.const(site.addressSize === 4 ? 0xffff_ffff : 0xffff));
}

function writeAddressed(site: Site, slot: number, value: I64): void {
  if (site.addressSize === 8) site.set64(slot, value);
  else if (site.addressSize === 4) site.set64(slot, i64.and(value, i64.const(0xffff_ffff)));
  else site.body.storeLow(2, i32.const(slot), value);
}

/** DS:rSI, or the overriding segment; ES:rDI. Legacy segments have a base and 32-bit linear addresses. */
const linear = (site: Site, address: I64): I64 =>
  site.long ? address : i64.and(address, i64.const(0xffff_ffff));
const source = (site: Site): I64 => linear(site, i64.add(addressed(site, RSI), site.sourceBase()));
const destination = (site: Site): I64 => linear(site, i64.add(addressed(site, RDI), site.destinationBase()));

/** Moves index registers by one element in the direction of DF. */
function advance(site: Site, slots: readonly number[], size: number = site.size): void {
  // size - 2 × size × DF: DF is bit 10. A choice between two constants would be prepared on every step of the main loop.
  const twice = i32.shrU(directionFlag(site), i32.const(9 - Math.log2(size)));
  const stride = site.body.let64(i64.sub(i64.const(size), i64.extendI32U(twice)));
  for (const slot of slots) writeAddressed(site, slot, i64.add(addressed(site, slot), stride));
}

/**
 * Runs one iteration as one step. With a REP prefix: nothing when the count is zero; else the iteration, the count less one, and the
 * same instruction again while the count and `more` say so. A fault or an interrupt finds the registers of the iterations done.
 */
function iterate(site: Site, iteration: () => void, more?: (site: Site) => I32): void {
  const { body } = site;
  if (site.repeat === 'none') {
    iteration();
    return;
  }
  const count = body.let64(addressed(site, RCX));
  body.if(i64.ne(count, i64.const(0)), () => {
    iteration();
    writeAddressed(site, RCX, i64.sub(count, i64.const(1)));
    const left = i64.ne(count, i64.const(1));
    const goOn = more === undefined ? left : i32.and(left, more(site));
    body.if(goOn, () => site.again());
  });
}

const movs: Semantics = (site) =>
  iterate(site, () => {
    const from = site.memory(source(site), site.size, 'read');
    const value = site.body.let64(LOAD[site.size as Size](from.pointer));
    const to = site.memory(destination(site), site.size, 'write', TO_DESTINATION);
    site.body.storeLow(site.size, to.pointer, value);
    to.commit();
    advance(site, [RSI, RDI]);
  });

const stos: Semantics = (site) =>
  iterate(site, () => {
    const to = site.memory(destination(site), site.size, 'write', TO_DESTINATION);
    site.body.storeLow(site.size, to.pointer, site.get64(RAX));
    to.commit();
    advance(site, [RDI]);
  });

const lods: Semantics = (site) =>
  iterate(site, () => {
    const from = site.memory(source(site), site.size, 'read');
    const value = LOAD[site.size as Size](from.pointer);
    if (site.size === 4) site.set64(RAX, value);
    else site.body.storeLow(site.size, i32.const(RAX), value);
    advance(site, [RSI]);
  });

function compare(site: Site, a: I64, b: I64): void {
  const result = site.body.let64(signExtend(i64.sub(a, b), site.size));
  setFlags(site, result, i64.xor(i64.xor(a, b), result), i64.ltU(a, b));
}

const whileEqual = (site: Site): I32 => (site.repeat === 'rep' ? zero(site) : i32.eqz(zero(site)));

const cmps: Semantics = (site) =>
  iterate(
    site,
    () => {
      const { body, size } = site;
      // When both would fault, processors report the second operand.
      const second = site.memory(destination(site), size, 'read', TO_DESTINATION);
      const b = body.let64(signExtend(LOAD[size as Size](second.pointer), size));
      const first = site.memory(source(site), size, 'read');
      const a = body.let64(signExtend(LOAD[size as Size](first.pointer), size));
      compare(site, a, b);
      advance(site, [RSI, RDI]);
    },
    whileEqual,
  );

const scas: Semantics = (site) =>
  iterate(
    site,
    () => {
      const { body, size } = site;
      const from = site.memory(destination(site), size, 'read', TO_DESTINATION);
      const b = body.let64(signExtend(LOAD[size as Size](from.pointer), size));
      compare(site, body.let64(signExtend(site.get64(RAX), size)), b);
      advance(site, [RDI]);
    },
    whileEqual,
  );

/** INS and OUTS: the helper checks the port and moves one element; an element that faults leaves the registers. */
const portString =
  (helper: 'portInString' | 'portOutString'): Semantics =>
  (site) => {
    const { body } = site;
    const size = Math.min(site.size, LARGEST_PORT); // REX.W does not widen it
    const isInput = helper === 'portInString';
    if (site.repeat !== 'none') {
      // The port is checked before the count: without permission a count of zero faults too.
      body.if(i64.eqz(addressed(site, RCX)), () => site.call('checkPortString', i32.const(size)));
    }
    iterate(site, () => {
      const address = body.let64(isInput ? destination(site) : source(site));
      const high = i32.wrap(i64.shrU(address, i64.const(32)));
      site.call(helper, i32.const(size), i32.wrap(address), high);
      advance(site, [isInput ? RDI : RSI], size);
    });
  };

const COMPARE = { flags: { written: 'oszapc', read: 'd' } };
const BASE = { sized: true, addressed: true, stack: true, flags: { read: 'd' } };

/** A string instruction with its byte form and its operand-size form. */
function pair(name: string, opcode: number, emit: Semantics, options: Partial<Row>): Row[] {
  const hex = (value: number): string => value.toString(16).toUpperCase();
  return [
    row(`${name}B`, hex(opcode), '', emit, { ...BASE, byteSize: true, ...options }),
    row(name, hex(opcode + 1), '', emit, { ...BASE, ...options }),
  ];
}

export const stringRows: Row[] = [
  ...pair('MOVS', 0xa4, movs, { repeat: 'rep', hot: [1, 4, 8] }),
  ...pair('CMPS', 0xa6, cmps, { ...COMPARE, repeat: 'repz' }),
  ...pair('STOS', 0xaa, stos, { repeat: 'rep', hot: [1, 4, 8] }),
  ...pair('LODS', 0xac, lods, { repeat: 'rep' }),
  ...pair('SCAS', 0xae, scas, { ...COMPARE, repeat: 'repz' }),
  ...pair('INS', 0x6c, portString('portInString'), { repeat: 'rep' }),
  ...pair('OUTS', 0x6e, portString('portOutString'), { repeat: 'rep' }),
];
