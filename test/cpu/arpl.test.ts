import { expect, it } from 'vitest';
import { compareOutcomes, describeCase } from '../oracles/compare.ts';
import { HostCpu, hostCpuUnavailable } from '../oracles/host.ts';
import { Puffer } from '../oracles/puffer.ts';
import { describeWithOracle, oracle } from '../oracles/require.ts';
import {
  AFTER_UNMAPPED_32,
  DATA_32,
  type Outcome,
  READ_ONLY_32,
  registerNames,
  type UserCase,
} from '../oracles/user-case.ts';

const hostCpuOracle = oracle("the host's processor", { package: 'gcc', works: () => !hostCpuUnavailable() });

/** ARPL [ecx], dx. */
const ARPL = Uint8Array.from([0x63, 0x11]);
const [RCX, RDX] = [1, 2];

function caseAt(address: bigint, sourceRpl: number, destinationRpl: number): UserCase {
  const registers = new BigUint64Array(registerNames.length);
  registers[RCX as number] = address;
  registers[RDX as number] = BigInt(sourceRpl);
  const bytes = Uint8Array.from([0xa8 | destinationRpl, 0x5a]);
  const isMapped = address !== AFTER_UNMAPPED_32 - 2n;
  return { bits: 32, code: ARPL, registers, flags: 0, memory: isMapped ? [{ address, bytes }] : [] };
}

describeWithOracle(hostCpuOracle, 'ARPL of memory', () => {
  it.each([
    ['that can be written', DATA_32 + 4n],
    ['that can only be read', READ_ONLY_32 + 4n],
    ['that is not mapped', AFTER_UNMAPPED_32 - 2n],
  ])('should write memory %s only to raise its RPL', async (_, address) => {
    const cases = [0, 1, 2, 3].flatMap((source) => [0, 2, 3].map((own) => caseAt(address, source, own)));
    const host = new HostCpu();
    const puffer = new Puffer();
    const expected = await host.run(cases).finally(() => host.close());
    const got = await puffer.run(cases).finally(() => puffer.close());
    cases.forEach((test, index) => {
      const difference = compareOutcomes(expected[index] as Outcome, got[index] as Outcome);
      expect(difference && `${difference}\n${describeCase(test)}`).toBeUndefined();
    });
  });
});
