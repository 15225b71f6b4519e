import * as layout from '../layout.ts';
import { carry, overflow, setCarryAndOverflow } from '../table/flags.ts';
import { type Row, row, type Semantics } from '../table/row.ts';
import { type I32, i32, i64 } from '../wasm/expressions.ts';
import { multiplyHighUnsigned } from './multiply.ts';

/** What numbers of many words are multiplied with: MULX (BMI2), which changes no flag, and ADCX and ADOX (ADX), two chains of carries. */

const RDX = layout.GPR + 2 * 8;
const QUADWORD = 8;

/** MULX: where both destinations are the same register it gets the high half. */
const mulx: Semantics = (site) => {
  const { body } = site;
  const [high, low, source] = [site.operand(0), site.operand(1), site.operand(2)];
  const factor = body.let64(source.unsigned());
  if (high.size === QUADWORD) {
    const multiplier = body.let64(site.get64(RDX));
    const upper = multiplyHighUnsigned(site, multiplier, factor);
    low.write(i64.mul(multiplier, factor));
    high.write(upper);
    return;
  }
  const product = body.let64(i64.mul(i64.load32u(i32.const(RDX)), factor));
  low.write(product);
  high.write(i64.shrU(product, i64.const(32)));
};

/** ADCX and ADOX: the sum with one flag as carry in and out; no other flag changes. */
const addWithFlag =
  (flag: 'carry' | 'overflow'): Semantics =>
  (site) => {
    const { body } = site;
    const carryIn = body.let64(i64.extendI32U((flag === 'carry' ? carry : overflow)(site)));
    const destination = site.operand(0);
    const a = body.let64(destination.unsigned());
    const b = body.let64(site.operand(1).unsigned());
    const partial = body.let64(i64.add(a, b));
    const sum = body.let64(i64.add(partial, carryIn));
    const carryOut: I32 = body.let32(
      destination.size === QUADWORD
        ? i32.or(i64.ltU(partial, a), i64.ltU(sum, partial))
        : i32.wrap(i64.shrU(sum, i64.const(32))),
    );
    destination.write(sum);
    if (flag === 'carry') setCarryAndOverflow(site, carryOut, body.let32(overflow(site)));
    else setCarryAndOverflow(site, carry(site), carryOut);
  };

const ADX = { access: 'modify' as const, feature: 'ADX' };

export const wideArithmeticRows: Row[] = [
  row('MULX', 'VEX.LZ.F2.0F38 F6 /r', 'Gy,By,Ey', mulx, { feature: 'BMI2' }),
  row('ADCX', '66 0F 38 F6 /r', 'Gy,Ey', addWithFlag('carry'), {
    ...ADX,
    flags: { read: 'c', written: 'c' },
  }),
  row('ADOX', 'F3 0F 38 F6 /r', 'Gy,Ey', addWithFlag('overflow'), {
    ...ADX,
    flags: { read: 'o', written: 'o' },
  }),
];
