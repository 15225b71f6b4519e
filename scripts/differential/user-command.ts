import type { Form } from '../../emu/cpu/table/form.ts';
import { describeCase } from '../../test/oracles/compare.ts';
import { HostCpu } from '../../test/oracles/host.ts';
import { Puffer } from '../../test/oracles/puffer.ts';
import { Unicorn, unicornUnavailable } from '../../test/oracles/unicorn.ts';
import type { Runner } from '../../test/oracles/user-case.ts';
import { Coverage, stableName } from './coverage.ts';
import { generateCase, type Repertoire } from './generate.ts';
import type { CampaignOptions } from './main.ts';
import type { Output } from './output.ts';
import { readProgress, writeProgress, writeResult } from './progress-file.ts';
import { userRepertoire } from './repertoire.ts';
import { differenceOn, shrink } from './shrink.ts';
import { ThirdOpinion } from './third-opinion.ts';
import { type Mismatch, UserCampaign } from './user-campaign.ts';

/** How a campaign on user code ended. */
export interface UserResult {
  readonly cases: number;
  readonly coverage: Coverage;
  readonly forms: readonly Form[];
  /** Forms that were not executed often enough. */
  readonly uncovered: readonly Form[];
  readonly mismatches: readonly Mismatch[];
  readonly thirdOpinion: ThirdOpinion | undefined;
}

const BATCHES_BETWEEN_SAVES = 32;

function chosen(repertoire: Repertoire, only: ReadonlySet<string> | undefined): Repertoire {
  if (only === undefined) return repertoire;
  const ways = new Map([...repertoire.ways].filter(([{ mnemonic }]) => only.has(mnemonic)));
  if (ways.size === 0) throw new RangeError(`no form of user code is called ${[...only].join(' or ')}`);
  return { ...repertoire, ways };
}

/** Shows a mismatch: what differs, the simplest case that shows it, and how to have it again. */
export function sayMismatch(say: Output, campaign: string, { name, what, listing }: Mismatch): void {
  const how = campaign === 'user' ? `--case '${name}'` : `--only ${name.split(' ')[0]?.toUpperCase()}`;
  const again = `npm run differential -- ${campaign} ${how}`;
  say.say(
    'mismatch',
    { campaign, case: name, what, listing, again },
    `${what}\n${listing}\n  again: ${again}\n`,
  );
}

/** Runs user code on the host's processor, on puffer and on Unicorn, or one named case. */
export async function runUser(
  options: CampaignOptions & { readonly case?: string; readonly unicorn: boolean },
  say: Output,
): Promise<UserResult> {
  const repertoire = chosen(userRepertoire(), options.only);
  const host = new HostCpu();
  const puffer = new Puffer();
  let thirdOpinion: ThirdOpinion | undefined;
  try {
    if (options.case !== undefined) return await runCase(repertoire, options.case, host, puffer, say);
    if (options.unicorn && unicornUnavailable() === undefined) {
      thirdOpinion = await ThirdOpinion.create(new Unicorn());
    }
    return await runCampaign(repertoire, options, host, puffer, thirdOpinion, say);
  } finally {
    say.end();
    thirdOpinion?.close();
    host.close();
  }
}

async function runCampaign(
  repertoire: Repertoire,
  { seed, cases: times, resume, failures, only }: CampaignOptions,
  host: Runner,
  puffer: Runner,
  thirdOpinion: ThirdOpinion | undefined,
  say: Output,
): Promise<UserResult> {
  const coverage = new Coverage();
  const saved = resume ? readProgress('user', seed) : undefined;
  if (saved !== undefined) coverage.add(saved.forms);
  const before = saved?.cases ?? 0;
  if (saved?.second !== undefined) thirdOpinion?.add(saved.second);
  const started = performance.now();
  let batches = 0;
  const save = (done: UserCampaign) => {
    if (only !== undefined) return;
    writeProgress('user', seed, {
      cases: before + done.cases,
      forms: coverage.toJSON(),
      reasons: Object.fromEntries(done.known),
      ...(thirdOpinion && { second: thirdOpinion.toJSON() }),
    });
  };
  const campaign = new UserCampaign({
    ...{ repertoire, seed, times, host, puffer, thirdOpinion, failures, coverage },
    onBatch: (running) => {
      say.progress(`${running.cases} cases of user code, ${running.pending} forms to go`);
      if (++batches % BATCHES_BETWEEN_SAVES === 0) save(running);
    },
    onMismatch: (mismatch) => sayMismatch(say, 'user', mismatch),
  });
  for (const [reason, times] of Object.entries(saved?.reasons ?? {})) campaign.known.set(reason, times);
  await campaign.run();
  save(campaign);
  const uncovered = campaign.forms.filter((form) => !coverage.isCovered(form, times));
  const cases = before + campaign.cases;
  const rate = Math.round((campaign.cases * 1000) / Math.max(1, performance.now() - started));
  const { executions } = coverage;
  const { mismatches, forms } = campaign;
  const fields = {
    cases,
    executions,
    forms: forms.length,
    uncovered: uncovered.map(stableName),
    mismatches: mismatches.length,
  };
  if (only === undefined) {
    writeResult('user', {
      ...{ seed, times, cases, executions },
      forms: forms.length,
      covered: forms.length - uncovered.length,
      fewest: coverage.fewest(forms),
      mismatches: mismatches.length,
      features: coverage.byFeature(forms),
      reasons: Object.fromEntries(campaign.known),
      ...(thirdOpinion && { second: thirdOpinion.toJSON() }),
    });
  }
  say.say(
    'summary',
    { campaign: 'user', seed, ...fields, casesPerSecond: rate },
    [
      `user code, seed ${seed}: ${cases} cases, ${executions} executions compared, ${forms.length - uncovered.length} of ${forms.length} forms at least ${times} times, ${mismatches.length} kinds of mismatches (${rate} cases/s)`,
      ...uncovered.map(
        (form) =>
          `  not often enough (${coverage.of(form).executed}, ${coverage.of(form).completed} retired): ${stableName(form)}`,
      ),
      ...(thirdOpinion === undefined
        ? []
        : [`  Unicorn was asked about ${thirdOpinion.asked} cases and agreed on ${thirdOpinion.agreed}`]),
      ...[...(thirdOpinion?.deviations ?? [])].map(([cause, count]) => `    ${count}: Unicorn ${cause}`),
    ].join('\n'),
  );
  return { cases, coverage, forms, uncovered, mismatches, thirdOpinion };
}

/** Runs one case by its name, shrinks it when it still differs, and shows it either way. */
async function runCase(
  repertoire: Repertoire,
  name: string,
  host: Runner,
  puffer: Runner,
  say: Output,
): Promise<UserResult> {
  const seed = name.replace(/^case /, '');
  const form = [...repertoire.ways.keys()].find((one) => {
    const [, rest = ''] = /^\d+:(.*):\d+$/.exec(seed) ?? [];
    return rest === stableName(one);
  });
  if (form === undefined) throw new RangeError(`there is no case '${name}': the table has no such form`);
  const found = generateCase(repertoire, form, seed);
  const mismatches: Mismatch[] = [];
  const what = await differenceOn(found, host, puffer);
  if (what === undefined) say.say('agreement', { case: seed }, `no difference\n${describeCase(found.test)}`);
  else {
    const small = await shrink(found, host, puffer);
    const shrunk = (await differenceOn(small, host, puffer)) ?? what;
    mismatches.push({ name: seed, what: shrunk, listing: describeCase(small.test) });
    say.say(
      'case',
      { case: seed, what, listing: describeCase(found.test) },
      `${what}\n${describeCase(found.test)}\n`,
    );
    sayMismatch(say, 'user', mismatches[0] as Mismatch);
  }
  return {
    cases: 1,
    coverage: new Coverage(),
    forms: [form],
    uncovered: [],
    mismatches,
    thirdOpinion: undefined,
  };
}
