import { describe, expect, it } from 'vitest';
import { assemble, assemblerUnavailable } from '../../oracles/assemble.ts';
import { HostCpu, hostCpuUnavailable } from '../../oracles/host.ts';
import { Puffer } from '../../oracles/puffer.ts';
import { describeWithOracle, oracle } from '../../oracles/require.ts';
import { registerNames, type UserCase } from '../../oracles/user-case.ts';
import { Random } from '../../oracles/user-case-random.ts';
import { anyMxcsr, fxImage } from './fx-values.ts';

const hostCpuOracle = oracle("the host's processor", { package: 'gcc', works: () => !hostCpuUnavailable() });
const assemblerOracle = oracle('GNU as', { package: 'binutils', works: () => !assemblerUnavailable() });

/** The manual's bound for one estimate; two may lie twice as far apart. */
const BOUND = 1.5 * 2 ** -12;
const SMALLEST_NORMAL = 2 ** -126;
const CASES = 400;
const XMM1 = 160 + 16;
const ELEMENTS = 4;

/** Whether two results are estimates of one value: the same special value (with the same bits), or close. */
function agree(a: DataView, b: DataView, at: number): boolean {
  if (a.getUint32(at, true) === b.getUint32(at, true)) return true;
  const [x, y] = [a.getFloat32(at, true), b.getFloat32(at, true)];
  if (!Number.isFinite(x) || !Number.isFinite(y)) return false;
  // The last normal number and the zero that a denormal becomes are neighbours.
  const atTheEnd = Math.abs(Math.abs(x) - Math.abs(y)) <= SMALLEST_NORMAL * (1 + BOUND);
  if (x === 0 || y === 0) return atTheEnd && Object.is(Math.sign(1 / x), Math.sign(1 / y));
  return Math.abs(x - y) <= 2 * BOUND * Math.abs(y);
}

describeWithOracle([hostCpuOracle, assemblerOracle], 'reciprocal estimates', () => {
  describe('on puffer', () => {
    it.each(['rcpps', 'rcpss', 'rsqrtps', 'rsqrtss'])(
      'should execute %s within the bound and with the special results of the host CPU',
      async (mnemonic) => {
        const [code] = assemble([`${mnemonic} xmm1, xmm2`]);
        const random = new Random(mnemonic);
        const image = fxImage({ elements: 'single', mxcsr: anyMxcsr });
        const cases = Array.from(
          { length: CASES },
          (): UserCase => ({
            code: code as Uint8Array,
            registers: new BigUint64Array(registerNames.length),
            flags: 0,
            memory: [],
            fx: image(random),
          }),
        );
        const host = new HostCpu();
        const expected = await host.run(cases);
        host.close();
        const got = await new Puffer().run(cases);
        cases.forEach((test, index) => {
          const [want, have] = [expected[index]?.fx, got[index]?.fx].map(
            (fx) => new DataView((fx as Uint8Array).slice().buffer),
          ) as [DataView, DataView];
          for (let element = 0; element < ELEMENTS; element++) {
            const at = XMM1 + 4 * element;
            const show = (fx: DataView): string => fx.getUint32(at, true).toString(16);
            const source = new DataView((test.fx as Uint8Array).slice().buffer);
            expect(
              agree(want, have, at),
              `${source.getUint32(at + 16, true).toString(16)}: ${show(have)} for ${show(want)}`,
            ).toBe(true);
          }
          // MXCSR stays.
          expect(have.getUint32(24, true)).toBe(want.getUint32(24, true));
        });
      },
    );
  });
});
