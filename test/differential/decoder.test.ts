import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  DecoderCampaign,
  randomStrings,
  systematicStrings,
  tableStrings,
} from '../../scripts/differential/decoder-campaign.ts';
import { isSameMnemonic } from '../../scripts/differential/decoder-names.ts';
import { objdump } from '../../scripts/differential/decoder-oracles.ts';
import { HostCpu, hostCpuUnavailable } from '../oracles/host.ts';
import { Puffer } from '../oracles/puffer.ts';
import { commandProbe, describeWithOracle, oracle } from '../oracles/require.ts';
import { Random } from '../oracles/user-case-random.ts';

const binutils = oracle('objdump', commandProbe('objdump', ['--version'], 'binutils'));
const hostCpu = oracle("the host's processor", { package: 'gcc', works: () => !hostCpuUnavailable() });

const SEED = 1;
const RANDOM_STRINGS = 5000;
/** One ModRM byte for a register and one for memory. */
const MODRMS = 2;

describeWithOracle([binutils, hostCpu], 'the decoder', () => {
  let host: HostCpu;
  let campaign: DecoderCampaign;
  beforeAll(async () => {
    host = new HostCpu();
    campaign = await DecoderCampaign.create(host, new Puffer());
  });
  afterAll(() => {
    campaign.close();
    host.close();
  });

  test.each([64, 32] as const)(
    'finds the lengths and names that objdump finds in %i-bit code',
    async (bits) => {
      const { result } = campaign;
      const before = result.agreed;
      await campaign.run(tableStrings(bits, new Random(SEED)), bits);
      const fromTable = result.agreed - before;
      await campaign.run(systematicStrings(bits, MODRMS), bits);
      await campaign.run(randomStrings(new Random(SEED), RANDOM_STRINGS), bits);
      expect(result.mismatches.map(({ bytes, what }) => `${bytes}: ${what}`)).toEqual([]);
      expect(fromTable).toBeGreaterThan(2000);
      expect(result.agreed - before).toBeGreaterThan(fromTable + RANDOM_STRINGS / 2);
    },
  );

  test('is compared with what objdump really says', () => {
    const strings = [
      [0x48, 0x01, 0xc0],
      [0x0f, 0xff, 0xc0],
      [0x0f, 0x04],
      [0x66, 0x99],
    ];
    const found = objdump(
      strings.map((bytes) => Uint8Array.from(bytes)),
      64,
    );
    expect(found.map(({ length, mnemonic }) => [length, mnemonic])).toEqual([
      [3, 'add'],
      [3, 'ud0'],
      [0, ''],
      [2, 'cwd'],
    ]);
    expect(isSameMnemonic('cwd', 'cqo')).toBe(true);
    expect(isSameMnemonic('add', 'adc')).toBe(false);
  });
});
