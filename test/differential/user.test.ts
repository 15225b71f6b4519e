import { expect, test } from 'vitest';
import { stableName } from '../../scripts/differential/coverage.ts';
import { userRepertoire } from '../../scripts/differential/repertoire.ts';
import { UserCampaign } from '../../scripts/differential/user-campaign.ts';
import { HostCpu, hostCpuUnavailable } from '../oracles/host.ts';
import { Puffer } from '../oracles/puffer.ts';
import { describeWithOracle, oracle } from '../oracles/require.ts';
import type { Outcome, UserCase } from '../oracles/user-case.ts';

const hostCpu = oracle("the host's processor", { package: 'gcc', works: () => !hostCpuUnavailable() });

/** Compared executions of every form. */
const TIMES = 3;
const SEED = 1;
const FAILURES = 20;
const repertoire = userRepertoire();

/** A processor that never leaves zero in RAX. */
class WrongPuffer extends Puffer {
  override runOne(test: UserCase): Outcome {
    const outcome = super.runOne(test);
    const registers = outcome.registers.slice();
    if (outcome.end === 'end' && registers[0] === 0n) registers[0] = 1n;
    return { ...outcome, registers };
  }
}

describeWithOracle(hostCpu, 'user code made from the table', () => {
  test('does on puffer what it does on the host CPU, every form of it', async () => {
    const host = new HostCpu();
    const puffer = new Puffer();
    const campaign = new UserCampaign({
      repertoire,
      seed: SEED,
      times: TIMES,
      host,
      puffer,
      failures: FAILURES,
    });
    await campaign.run();
    host.close();
    expect(campaign.mismatches.map(({ name, what, listing }) => `${name}\n${what}\n${listing}`)).toEqual([]);
    const uncovered = campaign.forms.filter((form) => !campaign.coverage.isCovered(form, TIMES));
    expect(uncovered.map(stableName)).toEqual([]);
    expect(campaign.coverage.executions).toBeGreaterThan(TIMES * campaign.forms.length);
  });

  test('shows a processor that is wrong, in the simplest case that it is wrong in', async () => {
    const host = new HostCpu();
    const ways = new Map([...repertoire.ways].filter(([{ mnemonic }]) => mnemonic === 'POPCNT'));
    const puffer = new WrongPuffer();
    const options = { repertoire: { ...repertoire, ways }, seed: SEED, times: TIMES, host, puffer };
    const campaign = new UserCampaign({ ...options, failures: 1 });
    await campaign.run();
    host.close();
    expect(campaign.mismatches.length).toBeGreaterThan(0);
    const [{ what, listing } = { what: '', listing: '' }] = campaign.mismatches;
    expect(what).toBe('rax: expected 0x0, got 0x1');
    expect(listing).toContain('popcnt');
    expect(listing).toMatch(/r14 = 0x0\n\s+r15 = 0x0$/m);
  });
});
