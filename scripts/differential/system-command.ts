import { stableName } from './coverage.ts';
import type { CampaignOptions } from './main.ts';
import type { Output } from './output.ts';
import { writeResult } from './progress-file.ts';
import { SystemCampaign } from './system-campaign.ts';
import { sayMismatch } from './user-command.ts';

/** How a campaign on ring 0 ended. */
export interface SystemResult {
  readonly campaign: SystemCampaign;
  readonly uncovered: readonly string[];
}

/** Runs system instructions under QEMU and on puffer. */
export function runSystem(
  { seed, cases: times, failures, only }: CampaignOptions,
  say: Output,
): SystemResult {
  const campaign = new SystemCampaign({
    ...{ seed, times, failures, only },
    onImage: (running) => say.progress(`${running.cases} cases of ${running.forms.size} system forms`),
    onMismatch: (mismatch) => sayMismatch(say, 'system', mismatch),
  });
  try {
    campaign.run();
  } finally {
    say.end();
  }
  const { coverage, forms, mismatches, cases } = campaign;
  const uncovered = [...forms.keys()].filter((form) => !coverage.isCovered(form, times)).map(stableName);
  if (only === undefined) {
    const names = [...forms.keys()];
    writeResult('system', {
      ...{ seed, times, cases },
      executions: coverage.executions,
      forms: forms.size,
      covered: forms.size - uncovered.length,
      fewest: coverage.fewest(names),
      mismatches: mismatches.length,
      features: coverage.byFeature(names),
      reasons: {},
    });
  }
  say.say(
    'summary',
    { campaign: 'system', seed, cases, forms: forms.size, uncovered, mismatches: mismatches.length },
    [
      `ring 0, seed ${seed}: ${cases} cases, ${forms.size - uncovered.length} of ${forms.size} forms at least ${times} times, ${mismatches.length} kinds of mismatches`,
      ...uncovered.map((name) => `  not often enough: ${name}`),
    ].join('\n'),
  );
  return { campaign, uncovered };
}
