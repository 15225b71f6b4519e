import { invalid, noteDenormals, ofNaN } from '../arithmetic.ts';
import { BIAS, type Extended, INDEFINITE, INTEGER_BIT, type Unpacked, zero } from '../extended.ts';
import type { Rules } from '../rules.ts';
import { magnitude, rounded } from '../transcendental/approximation.ts';
import { exponential, timesLogarithm, timesLogarithmOfOnePlus } from '../transcendental/logarithms.ts';
import { ANGLE_LIMIT, arcTangentOf, quotientOf, sineAndCosine } from '../transcendental/trigonometry.ts';
import { C1, C2, type X87Unit } from '../unit.ts';
import type { OperationMap, X87Operation } from './operation.ts';

export const transcendentalOperations: OperationMap = new Map();

const ONE: Extended = { high: BIAS, low: INTEGER_BIT };

/** What takes the place of ST(0), and what is pushed after it. */
type Trigonometric = (angle: Unpacked, rules: Rules) => readonly Extended[];

/** FSIN and its relatives: C2 says that the angle is too large, and nothing else is done then. */
function trigonometric(results: 1 | 2, compute: Trigonometric, ofZero: Trigonometric): X87Operation {
  const deliverAll = (unit: X87Unit, values: readonly Extended[]): void => {
    unit.write(0, values[0] as Extended);
    if (results === 2) unit.push(values[1] as Extended);
  };
  return (unit) => {
    unit.setCodes(C1 | C2, 0);
    const empty = unit.isEmpty(0);
    if (empty || (results === 2 && !unit.isEmpty(-1))) {
      if (unit.stackFault(!empty)) deliverAll(unit, [INDEFINITE, INDEFINITE]);
      return;
    }
    const angle = unit.operand(0);
    if (angle.kind === 'finite' && magnitude(angle) >= ANGLE_LIMIT) {
      unit.setCodes(C2, C2);
      return;
    }
    const rules = unit.rules();
    const nan = ofNaN(angle, rules) ?? (angle.kind === 'infinity' ? invalid(rules) : undefined);
    noteDenormals(rules, angle);
    const values = nan !== undefined ? [nan, nan] : (angle.kind === 'zero' ? ofZero : compute)(angle, rules);
    if (unit.deliver(rules)) deliverAll(unit, values);
  };
}

transcendentalOperations.set(
  'FSIN',
  trigonometric(
    1,
    (angle, rules) => [rounded(sineAndCosine(angle).sine, rules)],
    ({ sign }) => [zero(sign)],
  ),
);
transcendentalOperations.set(
  'FCOS',
  trigonometric(
    1,
    (angle, rules) => [rounded(sineAndCosine(angle).cosine, rules)],
    () => [ONE],
  ),
);
transcendentalOperations.set(
  'FSINCOS',
  trigonometric(
    2,
    (angle, rules) => {
      const { sine, cosine } = sineAndCosine(angle);
      // C1 tells how the one that is rounded last was, and that is the sine.
      const pushed = rounded(cosine, rules);
      return [rounded(sine, rules), pushed];
    },
    ({ sign }) => [zero(sign), ONE],
  ),
);
transcendentalOperations.set(
  'FPTAN',
  trigonometric(
    2,
    (angle, rules) => {
      const { sine, cosine } = sineAndCosine(angle);
      return [rounded(quotientOf(sine, cosine), rules), ONE];
    },
    ({ sign }) => [zero(sign), ONE],
  ),
);

transcendentalOperations.set('F2XM1', (unit) => {
  if (unit.isEmpty(0)) {
    if (unit.stackFault()) unit.write(0, INDEFINITE);
    return;
  }
  const rules = unit.rules();
  const result = exponential(unit.operand(0), rules);
  if (unit.deliver(rules)) unit.write(0, result);
});

/** Takes ST(0) and ST(1), and leaves one result in their place. */
function popping(compute: (top: Unpacked, next: Unpacked, rules: Rules) => Extended): X87Operation {
  return (unit) => {
    if (unit.isEmpty(0) || unit.isEmpty(1)) {
      if (!unit.stackFault()) return;
      unit.write(1, INDEFINITE);
    } else {
      const rules = unit.rules();
      const result = compute(unit.operand(0), unit.operand(1), rules);
      if (!unit.deliver(rules)) return;
      unit.write(1, result);
    }
    unit.pop();
  };
}
transcendentalOperations.set('FYL2X', popping(timesLogarithm));
transcendentalOperations.set('FYL2XP1', popping(timesLogarithmOfOnePlus));
transcendentalOperations.set(
  'FPATAN',
  popping((x, y, rules) => arcTangentOf(y, x, rules)),
);
