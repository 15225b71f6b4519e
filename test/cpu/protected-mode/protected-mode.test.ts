import { beforeAll, expect, test } from 'vitest';
import { Machine } from '../../../emu/machine/index.ts';
import { assembler, parseTranscript, qemu, runUnderQemu } from '../../oracles/qemu-flat.ts';
import { buildFlatImage32, type FlatCase32 } from '../../oracles/qemu-flat32.ts';
import { describeWithOracle } from '../../oracles/require.ts';
import { chosenCases } from './chosen-cases.ts';
import { randomCases } from './random-cases.ts';

const MEMORY = 64 * 2 ** 20;
/** More steps than an image takes. */
const BUDGET = 200_000_000;

function runOnPuffer(image: Uint8Array): string {
  const machine = Machine.create({ memory: MEMORY });
  const bytes: number[] = [];
  machine.console.onOutput((output) => bytes.push(...output));
  machine.loadKernel(image, { name: 'flat image' });
  expect(machine.run({ budget: BUDGET }).reason).toBe('powerOff');
  return new TextDecoder('latin1').decode(Uint8Array.from(bytes));
}

/** A case's line as it is compared: without undefined flags, and QEMU's with what it should have said. */
function comparable(one: FlatCase32, line: string | undefined, fromQemu: boolean): string {
  if (line === undefined) return 'nothing';
  const instead = new Map(
    fromQemu ? one.instead?.split(' ').map((field) => field.split('=', 2) as [string, string]) : [],
  );
  const fields = line.split(' ').map((field) => {
    const [key, value] = field.split('=') as [string, string];
    if (key === 'fl') return `fl=${(Number.parseInt(value, 16) & ~one.undefinedFlags).toString(16)}`;
    return `${key}=${instead.get(key) ?? value}`;
  });
  return fields.join(' ');
}

describeWithOracle([qemu, assembler], '32-bit code in protected mode as QEMU has it', () => {
  const groups = { ...chosenCases, ...randomCases() };
  const all = Object.values(groups).flat();
  let wanted = new Map<string, string>();
  let found = wanted;

  beforeAll(() => {
    const image = buildFlatImage32(all);
    wanted = parseTranscript(runUnderQemu(image));
    found = parseTranscript(runOnPuffer(image));
  });

  for (const [name, cases] of Object.entries(groups)) {
    test(`${name}: ${cases.length} cases`, () => {
      expect(wanted.size, 'cases that ran under QEMU').toBe(all.length);
      const differences = cases.flatMap((one) => {
        const right = comparable(one, wanted.get(one.name), true);
        const ours = comparable(one, found.get(one.name), false);
        return ours === right ? [] : [`${one.name}: ${one.code}\n  qemu   ${right}\n  puffer ${ours}`];
      });
      expect(differences.join('\n')).toBe('');
    });
  }
});
