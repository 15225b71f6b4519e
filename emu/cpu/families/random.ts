import * as layout from '../layout.ts';
import { setFlags } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import { type I64, i32, i64 } from '../wasm/expressions.ts';

/**
 * The generator's step and its two mixing rounds: SplitMix64 (Steele, Lea and Flood, 2014). Its state is one counter, any value of which
 * is good, so that the machine's seed is the state.
 */
const STEP = 0x9e37_79b9_7f4a_7c15n;
const ROUNDS: readonly (readonly [shift: number, multiplier: bigint])[] = [
  [30, 0xbf58_476d_1ce4_e5b9n],
  [27, 0x94d0_49bb_1331_11ebn],
];
const LAST_SHIFT = 31;

/** RDRAND and RDSEED: the next number of a sequence that the seed determines; there always is one, so CF is set. */
const random: Semantics = (site) => {
  const { body } = site;
  const state = body.let64(i64.add(site.get64(layout.RANDOM), i64.const(BigInt.asIntN(64, STEP))));
  site.set64(layout.RANDOM, state);
  const folded = (value: I64, shift: number): I64 => i64.xor(value, i64.shrU(value, i64.const(shift)));
  let value = state;
  for (const [shift, multiplier] of ROUNDS) {
    value = body.let64(i64.mul(folded(value, shift), i64.const(BigInt.asIntN(64, multiplier))));
  }
  site.operand(0).write(folded(value, LAST_SHIFT));
  // A result of one is neither zero nor negative and has odd parity; with CF set, bit 63 of aux makes OF zero.
  setFlags(site, i64.const(1), i64.const(-(2n ** 63n)), i32.const(1));
};

const FLAGS = { flags: { written: 'oszapc' } };
/** RDPID reads what RDTSCP returns in ECX. */
const readProcessorId: Semantics = (site) => site.operand(0).write(site.get64(layout.TSC_AUX));

export const randomRows: Row[] = [
  row('RDPID', 'F3 0F C7 /7', 'Rq', readProcessorId, { own: [0], feature: 'RDPID' }),
  row('RDRAND', 'NFx 0F C7 /6', 'Rv', random, { ...FLAGS, own: [0], feature: 'RDRAND' }),
  row('RDSEED', 'NFx 0F C7 /7', 'Rv', random, { ...FLAGS, own: [0], feature: 'RDSEED' }),
];
