import * as layout from '../layout.ts';
import { Vector } from '../system/exception.ts';
import { CR0_EM, CR0_TS, CR4_OSFXSR } from '../system/registers.ts';
import type { Semantics } from '../table/row.ts';
import type { Site } from '../table/site.ts';
import { i32, i64 } from '../wasm/expressions.ts';
import { ALL_VALID, STATUS_ERROR_SUMMARY, STATUS_TOP } from '../x87/register-file.ts';

/** #UD while the system has not enabled XMM registers or emulates them, #NM while they belong to another thread (Intel SDM volume 2, 2.4). */
export function requireXmm(site: Site): void {
  const { body } = site;
  const obstacles = body.let32(
    i32.or(
      i32.and(site.get32(layout.CR0), i32.const(CR0_EM | CR0_TS)),
      i32.xor(i32.and(site.get32(layout.CR4), i32.const(CR4_OSFXSR)), i32.const(CR4_OSFXSR)),
    ),
  );
  site.rarely(obstacles, () => {
    body.if(i32.eq(obstacles, i32.const(CR0_TS)), () => site.raise(Vector.DeviceNotAvailable));
    site.raise(Vector.InvalidOpcode);
  });
}

/** MMX: #UD when x87 is emulated, #NM while its state belongs to another thread, #MF for a pending x87 exception. */
export function requireMmx(site: Site): void {
  const { body } = site;
  const control = body.let32(i32.and(site.get32(layout.CR0), i32.const(CR0_EM | CR0_TS)));
  body.if(control, () => {
    body.if(i32.eq(control, i32.const(CR0_TS)), () => site.raise(Vector.DeviceNotAvailable));
    site.raise(Vector.InvalidOpcode);
  });
  const status = i32.load16u(i32.const(layout.X87_STATUS));
  body.if(i32.and(status, i32.const(STATUS_ERROR_SUMMARY)), () => site.raise(Vector.FloatingPoint));
}

/** Any MMX instruction makes all x87 registers valid and TOP zero. */
function enterMmx(site: Site): void {
  setTopZero(site);
  site.body.storeLow(1, i32.const(layout.X87_TAGS), i64.const(ALL_VALID));
}

/** What MMX instructions and EMMS do to TOP. The MMX registers lie where they are whatever it was. */
export function setTopZero(site: Site): void {
  const status = i64.load16u(i32.const(layout.X87_STATUS));
  site.body.storeLow(2, i32.const(layout.X87_STATUS), i64.and(status, i64.const(~STATUS_TOP)));
}

/** Semantics of an instruction on XMM registers. */
export const xmm =
  (emit: Semantics): Semantics =>
  (site) => {
    requireXmm(site);
    emit(site);
  };

/**
 * Semantics of an instruction on MMX registers, perhaps with XMM registers besides. A memory operand faults before the x87 state changes,
 * an address that is no operand (MASKMOVQ) after it, as on AMD's processors.
 */
export const mmx =
  (emit: Semantics, alsoXmm = false): Semantics =>
  (site) => {
    if (alsoXmm) requireXmm(site);
    requireMmx(site);
    for (const operand of site.operands) if (operand.isMemory) operand.pointer();
    enterMmx(site);
    emit(site);
  };
