import * as layout from '../layout.ts';
import { Vector } from '../system/exception.ts';
import { CR0_EM, CR0_TS, CR4_OSXSAVE } from '../system/registers.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { i32, i64 } from '../wasm/expressions.ts';
import { ALL_EMPTY } from '../x87/register-file.ts';
import { requireMmx, setTopZero, xmm } from './vector-site.ts';

const MXCSR_RESERVED = 0xffff_0000;
const QUADWORD = 8;

const loadMxcsr: Semantics = (site) => {
  const { body } = site;
  const value = body.let32(i32.wrap(site.operand(0).unsigned()));
  body.if(i32.and(value, i32.const(MXCSR_RESERVED)), () => site.raise(Vector.GeneralProtection, 0));
  site.set32(layout.MXCSR, value);
};

const storeMxcsr: Semantics = (site) => site.operand(0).write(i64.load32u(i32.const(layout.MXCSR)));

/** FXSAVE and FXRSTOR work on x87 state, so CR0.EM makes them #NM. */
const fxImage =
  (name: 'fxsave' | 'fxrstor'): Semantics =>
  (site) => {
    const { body } = site;
    body.if(i32.and(site.get32(layout.CR0), i32.const(CR0_EM | CR0_TS)), () =>
      site.raise(Vector.DeviceNotAvailable),
    );
    callWithAddress(site, name);
  };

/** XSAVE, XSAVEOPT and XRSTOR: #UD unless the system has enabled them, #NM while the state belongs to another thread. CR0.EM does not count. */
const extendedState =
  (name: 'xsave' | 'xsaveopt' | 'xrstor'): Semantics =>
  (site) => {
    const { body } = site;
    const enabled = i32.and(site.get32(layout.CR4), i32.const(CR4_OSXSAVE));
    body.if(i32.eqz(enabled), () => site.raise(Vector.InvalidOpcode));
    const elsewhere = i32.and(site.get32(layout.CR0), i32.const(CR0_TS));
    body.if(elsewhere, () => site.raise(Vector.DeviceNotAvailable));
    callWithAddress(site, name);
  };

/** Calls a helper with the address of the memory operand, whether it goes through SS, and whether REX.W was given. */
function callWithAddress(site: Site, name: string): void {
  const { body } = site;
  const address = body.let64(site.address());
  const [low, high] = [i32.wrap(address), i32.wrap(i64.shrU(address, i64.const(32)))];
  const throughStack = body.let32(site.throughStack());
  site.call(name, low, high, throughStack, i32.const(site.size === QUADWORD ? 1 : 0));
}

const emms: Semantics = (site) => {
  requireMmx(site);
  setTopZero(site);
  site.body.storeLow(1, i32.const(layout.X87_TAGS), i64.const(ALL_EMPTY));
};

/** CLFLUSH faults as a load of the byte does. There is no cache. */
const flushLine: Semantics = (site) => {
  site.memory(site.address(), 1, 'read', site.throughStack());
};

const READ = { access: 'read' as const };

export const sseStateRows: Row[] = [
  row('FXSAVE', 'NP 0F AE /0', 'M', fxImage('fxsave'), {
    feature: 'FXSR',
    sized: true,
    profile: 'FOP, FIP and FDP are zero in the image unless an unmasked exception is pending.',
  }),
  row('FXRSTOR', 'NP 0F AE /1', 'M', fxImage('fxrstor'), { ...READ, feature: 'FXSR', sized: true }),
  row('XSAVE', 'NP 0F AE /4', 'M', extendedState('xsave'), { feature: 'XSAVE', sized: true }),
  row('XSAVEOPT', 'NP 0F AE /6', 'M', extendedState('xsaveopt'), { feature: 'XSAVEOPT', sized: true }),
  row('XRSTOR', 'NP 0F AE /5', 'M', extendedState('xrstor'), { ...READ, feature: 'XSAVE', sized: true }),
  row('LDMXCSR', 'NP 0F AE /2', 'Md', xmm(loadMxcsr), { ...READ, feature: 'SSE' }),
  row('STMXCSR', 'NP 0F AE /3', 'Md', xmm(storeMxcsr), { feature: 'SSE' }),
  row('CLFLUSH', 'NP 0F AE /7', 'M', flushLine, { ...READ, feature: 'CLFSH' }),
  row('CLFLUSHOPT', '66 0F AE /7', 'M', flushLine, { ...READ, feature: 'CLFLUSHOPT' }),
  row('CLWB', '66 0F AE /6', 'M', flushLine, { ...READ, feature: 'CLWB' }),
  row('EMMS', 'NP 0F 77', '', emms, { feature: 'MMX' }),
];
