import { type Encoding, OPCODE_MAPS } from '../table/encoding.ts';
import type { VexFields } from './vex.ts';

/** Opcode maps as arrays: for each map and opcode byte the encodings that may apply, in table order. */
export class OpcodeMaps {
  readonly #rows: Encoding[][] = Array.from({ length: OPCODE_MAPS.length * 256 }, () => []);

  constructor(encodings: readonly Encoding[]) {
    for (const encoding of encodings) {
      const count = encoding.registerInOpcode ? 8 : 1;
      for (let i = 0; i < count; i++) this.#rows[encoding.map * 256 + encoding.opcode + i]?.push(encoding);
    }
  }

  candidates(map: number, opcode: number): readonly Encoding[] {
    return this.#rows[map * 256 + opcode] as Encoding[];
  }
}

/** Prefixes that take part in choosing a row. */
export interface PrefixState {
  readonly operandSize: boolean;
  /** The last of F2 and F3, or 0. */
  readonly repeat: number;
  readonly lock: boolean;
  readonly long: boolean;
  /** REX.W, or VEX.W. */
  readonly wide: boolean;
  readonly vex: VexFields | undefined;
}

/** Whether an encoding fits: mode, mandatory prefix and ModRM (-1 when the opcode has none yet read). */
export function matches(encoding: Encoding, prefixes: PrefixState, modrm: number): boolean {
  const { row, prefix } = encoding;
  if (row.mode === '64' && !prefixes.long) return false;
  if (row.mode === 'legacy' && prefixes.long) return false;
  if (encoding.wide && !prefixes.wide) return false;
  if (prefixes.vex !== undefined) {
    if (prefixes.vex.length !== 0) return false;
    if (!encoding.usesVvvv && prefixes.vex.vvvv !== 0) return false;
  }
  if (prefix === 'LOCK') {
    if (!prefixes.lock) return false;
  } else if (prefix === 'NFx') {
    if (prefixes.repeat !== 0) return false;
  } else if (prefix !== undefined) {
    const actual =
      prefixes.repeat === 0xf3 ? 'F3' : prefixes.repeat === 0xf2 ? 'F2' : prefixes.operandSize ? '66' : 'NP';
    if (actual !== prefix) return false;
  }
  if (!encoding.hasModrm) return true;
  if (encoding.modrm !== undefined) return encoding.modrm === modrm;
  if (encoding.digit !== undefined && ((modrm >> 3) & 7) !== encoding.digit) return false;
  if (encoding.form === 'both' || encoding.ignoresMod) return true;
  return (encoding.form === 'register') === modrm >= 0xc0;
}
