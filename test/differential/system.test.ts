import { expect, test } from 'vitest';
import { stableName } from '../../scripts/differential/coverage.ts';
import { SystemCampaign } from '../../scripts/differential/system-campaign.ts';
import { assembler, qemu } from '../oracles/qemu-flat.ts';
import { describeWithOracle } from '../oracles/require.ts';

const SEED = 1;
/** Cases of every form: some are made for ring 3, which refuses most. */
const TIMES = 8;
const FAILURES = 20;

describeWithOracle([qemu, assembler], 'system instructions made from the table', () => {
  test('do on puffer what they do under QEMU, every form of them', () => {
    const campaign = new SystemCampaign({ seed: SEED, times: TIMES, failures: FAILURES });
    campaign.run();
    expect(campaign.mismatches.map(({ what, listing }) => `${what}\n${listing}`)).toEqual([]);
    const uncovered = [...campaign.forms.keys()].filter((form) => !campaign.coverage.isCovered(form, TIMES));
    expect(uncovered.map(stableName)).toEqual([]);
  });
});
