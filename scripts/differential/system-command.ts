import { Coverage, stableName } from './coverage.ts';
import type { CampaignOptions } from './main.ts';
import type { Output } from './output.ts';
import { readProgress, writeProgress, writeResult } from './progress-file.ts';
import { SystemCampaign } from './system-campaign.ts';
import { sayMismatch } from './user-command.ts';

/** How a campaign on ring 0 ended. */
export interface SystemResult {
  readonly campaign: SystemCampaign;
  readonly uncovered: readonly string[];
}

/** Runs system instructions under QEMU and on puffer. */
export function runSystem(
  { seed, cases: times, resume, failures, only }: CampaignOptions,
  say: Output,
): SystemResult {
  const coverage = new Coverage();
  const saved = resume ? readProgress('system', seed) : undefined;
  if (saved !== undefined) coverage.add(saved.forms);
  const before = saved?.cases ?? 0;
  const campaign = new SystemCampaign({
    ...{ seed, times, failures, only, coverage },
    onImage: (running) => {
      say.progress(`${before + running.cases} cases of ${running.forms.size} system forms`);
      if (only === undefined)
        writeProgress('system', seed, { cases: before + running.cases, forms: coverage.toJSON() });
    },
    onMismatch: (mismatch) => sayMismatch(say, 'system', mismatch),
  });
  try {
    campaign.run();
  } finally {
    say.end();
  }
  const { forms, mismatches } = campaign;
  const cases = before + campaign.cases;
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
