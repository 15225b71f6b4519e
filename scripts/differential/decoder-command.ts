import { HostCpu } from '../../test/oracles/host.ts';
import { Puffer } from '../../test/oracles/puffer.ts';
import { Random } from '../../test/oracles/user-case-random.ts';
import {
  DecoderCampaign,
  type DecoderResult,
  randomStrings,
  systematicStrings,
  tableStrings,
} from './decoder-campaign.ts';
import type { Output } from './output.ts';
import { writeResult } from './progress-file.ts';
import { forms } from './ways.ts';

const SHOWN = 20;
const SYSTEMATIC_MODRMS = 16;

export interface DecoderOptions {
  readonly seed: number;
  /** Random byte strings of each code size. */
  readonly strings: number;
}

/** Holds the decoder to objdump, Capstone and the host's processor on strings from the table, all opcodes, and random bytes. */
export async function runDecoder({ seed, strings }: DecoderOptions, say: Output): Promise<DecoderResult> {
  const host = new HostCpu();
  const campaign = await DecoderCampaign.create(host, new Puffer());
  const { result } = campaign;
  const onBatch = () => say.progress(`${result.strings} byte strings`);
  try {
    for (const bits of [64, 32] as const) {
      await campaign.run(tableStrings(bits, new Random(seed)), bits, onBatch);
      await campaign.run(systematicStrings(bits, SYSTEMATIC_MODRMS), bits, onBatch);
      await campaign.run(randomStrings(new Random(`${seed}:${bits}`), strings), bits, onBatch);
    }
  } finally {
    say.end();
    campaign.close();
    host.close();
  }
  for (const mismatch of result.mismatches.slice(0, SHOWN)) {
    const { bits, bytes, what } = mismatch;
    say.say('mismatch', { campaign: 'decoder', ...mismatch }, `${bits}-bit code, ${bytes}\n  ${what}`);
  }
  const { agreed, capstoneAgreed, mismatches, reasons } = result;
  writeResult('decoder', {
    seed,
    times: strings,
    cases: result.strings,
    executions: agreed,
    ...{ forms: forms.forms.length, covered: forms.forms.length, fewest: 1 },
    mismatches: mismatches.length,
    features: {},
    reasons: Object.fromEntries(reasons),
    second: { asked: result.strings, agreed: capstoneAgreed, reasons: {} },
  });
  const lines = [...reasons].map(([reason, count]) => `  ${count}: ${reason}`);
  say.say(
    'summary',
    {
      campaign: 'decoder',
      seed,
      strings: result.strings,
      agreed,
      capstoneAgreed,
      mismatches: mismatches.length,
    },
    [
      `decoder, seed ${seed}: ${result.strings} byte strings; ${agreed} instructions of objdump's length and name, ${capstoneAgreed} of Capstone's length, ${mismatches.length} mismatches`,
      ...lines,
    ].join('\n'),
  );
  return result;
}
