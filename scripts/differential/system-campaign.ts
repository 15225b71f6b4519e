import type { Form } from '../../emu/cpu/table/form.ts';
import { Machine } from '../../emu/machine/index.ts';
import { formatRecord, parseRecord, withoutQemuDeviations } from '../../test/oracles/qemu-deviations.ts';
import { buildFlatImage, parseTranscript, runUnderQemu } from '../../test/oracles/qemu-flat.ts';
import { Coverage, stableName } from './coverage.ts';
import type { Way } from './encoder.ts';
import { isSystem } from './repertoire.ts';
import { generateSystemCase, runsInFlatImage, type SystemCase } from './system-cases.ts';
import type { Mismatch } from './user-campaign.ts';
import { waysByForm } from './ways.ts';

const MEMORY = 64 * 2 ** 20;
/** More steps than an image takes. */
const BUDGET = 2_000_000_000;
/** Cases in one image: QEMU starts once for so many. */
const IMAGE_CASES = 2000;
/** QEMU's processor with everything that puffer's has, of the same maker. */
export const QEMU_PROCESSOR = 'max,vendor=AuthenticAMD';
const DONE = '60';

/** The system forms, each with the ways that the flat image can run. */
export function systemForms(): ReadonlyMap<Form, readonly Way[]> {
  const found = new Map<Form, readonly Way[]>();
  for (const [form, ways] of waysByForm()) if (isSystem(form)) found.set(form, ways.filter(runsInFlatImage));
  return found;
}

/** Prints what a flat image prints on puffer. */
export function runOnPuffer(image: Uint8Array): string {
  const machine = Machine.create({ memory: MEMORY });
  const parts: Uint8Array[] = [];
  machine.console.onOutput((output) => parts.push(output.slice()));
  machine.loadKernel(image, { name: 'flat image' });
  machine.run({ budget: BUDGET });
  const decoder = new TextDecoder('latin1');
  return parts.map((part) => decoder.decode(part)).join('');
}

export interface SystemCampaignOptions {
  readonly seed: number;
  /** Compared executions wanted of each form. */
  readonly times: number;
  readonly failures: number;
  readonly only?: ReadonlySet<string> | undefined;
  /** What an earlier run has already done of the same seed: its cases are not made again. */
  readonly coverage?: Coverage | undefined;
  readonly onImage?: (campaign: SystemCampaign) => void;
  readonly onMismatch?: (mismatch: Mismatch) => void;
}

/** Ring 0, and what only ring 0 may do, on QEMU and on puffer: images of thousands of cases. */
export class SystemCampaign {
  readonly coverage: Coverage;
  readonly mismatches: Mismatch[] = [];
  readonly forms: ReadonlyMap<Form, readonly Way[]>;
  readonly #options: SystemCampaignOptions;
  readonly #kinds = new Set<string>();
  cases = 0;

  constructor(options: SystemCampaignOptions) {
    this.#options = options;
    this.coverage = options.coverage ?? new Coverage();
    const all = [...systemForms()];
    this.forms = new Map(options.only ? all.filter(([{ mnemonic }]) => options.only?.has(mnemonic)) : all);
  }

  run(): void {
    const { seed, times, failures, onImage } = this.#options;
    let image: SystemCase[] = [];
    const flush = (): boolean => {
      if (image.length > 0) this.#image(image);
      image = [];
      onImage?.(this);
      return this.#kinds.size >= failures;
    };
    for (const [form, ways] of this.forms) {
      for (let i = this.coverage.of(form).tried; i < times && ways.length > 0; i++) {
        const name = `${form.mnemonic.toLowerCase()} ${this.cases + image.length}`;
        image.push(generateSystemCase(form, ways, `${seed}:${stableName(form)}:${i}`, name));
        if (image.length === IMAGE_CASES && flush()) return;
      }
    }
    flush();
  }

  #image(cases: readonly SystemCase[]): void {
    const image = buildFlatImage(cases);
    const wanted = parseTranscript(runUnderQemu(image, { processor: QEMU_PROCESSOR }));
    const found = parseTranscript(runOnPuffer(image));
    this.cases += cases.length;
    for (const one of cases) this.#judge(one, wanted.get(one.name), found.get(one.name));
  }

  #judge(one: SystemCase, want: string | undefined, have: string | undefined): void {
    const count = this.coverage.of(one.form);
    count.tried++;
    const right = comparable(one, want, true);
    const ours = comparable(one, have, false);
    if (want !== undefined && have !== undefined) {
      count.executed++;
      const vector = parseRecord(have)[0]?.[1];
      if (vector === DONE) count.completed++;
    }
    if (right === ours) return;
    const kind = `${one.form.mnemonic} ${differingKeys(right, ours)}`;
    if (this.#kinds.has(kind)) return;
    this.#kinds.add(kind);
    const listing = `${one.code}\n  qemu   ${right}\n  puffer ${ours}`;
    const mismatch = {
      name: one.name,
      what: `${stableName(one.form)}: ${differingKeys(right, ours)}`,
      listing,
    };
    this.mismatches.push(mismatch);
    this.#options.onMismatch?.(mismatch);
  }
}

function comparable(one: SystemCase, line: string | undefined, fromQemu: boolean): string {
  if (line === undefined) return 'nothing';
  return formatRecord(withoutQemuDeviations(one, parseRecord(line), fromQemu));
}

/** The fields in which two records differ. */
function differingKeys(right: string, ours: string): string {
  const fields = (text: string) => new Set(text.split(' '));
  const [a, b] = [fields(right), fields(ours)];
  const keys = [...a, ...b]
    .filter((field) => a.has(field) !== b.has(field))
    .map((field) => field.split('=')[0]);
  return [...new Set(keys)].join(' ');
}
