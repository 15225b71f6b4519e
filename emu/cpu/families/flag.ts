import * as layout from '../layout.ts';
import * as flags from '../system/flags.ts';
import { carry, packArithmetic, setCarryOnly, unpackArithmetic } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import { i32, i64 } from '../wasm/expressions.ts';

const AH = layout.GPR + 1;
/** The flags that LAHF and SAHF move: SF ZF AF PF CF. */
const AH_FLAGS = flags.SF | flags.ZF | flags.AF | flags.PF | flags.CF;

const setDirection =
  (value: boolean): Semantics =>
  (site) => {
    const system = site.get32(layout.RFLAGS_SYSTEM);
    site.set32(
      layout.RFLAGS_SYSTEM,
      value ? i32.or(system, i32.const(flags.DF)) : i32.and(system, i32.const(~flags.DF)),
    );
  };

const lahf: Semantics = (site) => {
  const low = i32.or(i32.and(packArithmetic(site), i32.const(AH_FLAGS)), i32.const(flags.RFLAGS_FIXED));
  site.body.storeLow(1, i32.const(AH), i64.extendI32U(low));
};

const sahf: Semantics = (site) => {
  const kept = i32.and(packArithmetic(site), i32.const(flags.OF));
  const image = i32.or(kept, i32.and(i32.wrap(i64.load8u(i32.const(AH))), i32.const(AH_FLAGS)));
  unpackArithmetic(site, site.body.let32(image));
};

export const flagRows: Row[] = [
  row('CMC', 'F5', '', (site) => setCarryOnly(site, site.body.let32(i32.xor(carry(site), i32.const(1)))), {
    flags: { read: 'c', written: 'c' },
  }),
  row('CLC', 'F8', '', (site) => setCarryOnly(site, i32.const(0)), { flags: { written: 'c' } }),
  row('STC', 'F9', '', (site) => setCarryOnly(site, i32.const(1)), { flags: { written: 'c' } }),
  row('CLD', 'FC', '', setDirection(false), { flags: { written: 'd' }, hot: [0] }),
  row('STD', 'FD', '', setDirection(true), { flags: { written: 'd' } }),
  row('SAHF', '9E', '', sahf, { flags: { written: 'szapc' } }),
  row('LAHF', '9F', '', lahf, { flags: { read: 'szapc' } }),
];
