import { expect, test } from 'vitest';
import { Machine } from '../../../emu/machine/index.ts';
import { formatRecord, parseRecord, withoutQemuDeviations } from '../../oracles/qemu-deviations.ts';
import {
  assembler,
  buildFlatImage,
  type FlatCase,
  parseTranscript,
  qemu,
  runUnderQemu,
} from '../../oracles/qemu-flat.ts';
import { describeWithOracle } from '../../oracles/require.ts';
import { compatibilityCases } from './flat/compatibility-cases.ts';
import { controlCases } from './flat/control-cases.ts';
import { debugCases } from './flat/debug-cases.ts';
import { interruptCases } from './flat/interrupt-cases.ts';
import { pagingCases } from './flat/paging-cases.ts';
import { segmentCases } from './flat/segment-cases.ts';
import { supervisorCases } from './flat/supervisor-cases.ts';
import { transferCases } from './flat/transfer-cases.ts';

const MEMORY = 64 * 2 ** 20;
/** More steps than an image takes. */
const BUDGET = 200_000_000;

function runOnPuffer(image: Uint8Array): { readonly transcript: string; readonly ending: string } {
  const machine = Machine.create({ memory: MEMORY });
  const bytes: number[] = [];
  machine.console.onOutput((output) => bytes.push(...output));
  machine.loadKernel(image, { name: 'flat image' });
  const stop = machine.run({ budget: BUDGET });
  return { transcript: new TextDecoder('latin1').decode(Uint8Array.from(bytes)), ending: stop.reason };
}

const QEMU_OPTIONS = new Map<readonly FlatCase[], Parameters<typeof runUnderQemu>[1]>([
  [debugCases, { counted: false }],
  [supervisorCases, { processor: 'qemu64,+smep,+smap,+umip' }],
]);

/** What is missing of the fields that a case without oracle must show. */
function missingFields(one: FlatCase, expected: string, line: string | undefined): string[] {
  const fields = new Set(line?.split(' '));
  const missing = expected.split(' ').filter((field) => !fields.has(field));
  return missing.length === 0 ? [] : [`${one.name}\n  wants  ${expected}\n  puffer ${line}`];
}

describeWithOracle([qemu, assembler], 'ring 0 as QEMU has it', () => {
  const groups: Record<string, readonly FlatCase[]> = {
    paging: pagingCases,
    interrupts: interruptCases,
    transfers: transferCases,
    segments: segmentCases,
    control: controlCases,
    'compatibility mode': compatibilityCases,
    debug: debugCases,
    'supervisor protection': supervisorCases,
  };
  for (const [name, cases] of Object.entries(groups)) {
    test(`${name}: ${cases.length} cases`, () => {
      const image = buildFlatImage(cases);
      const wanted = parseTranscript(runUnderQemu(image, QEMU_OPTIONS.get(cases)));
      expect(wanted.size, 'cases that ran under QEMU').toBe(cases.length);
      const { transcript, ending } = runOnPuffer(image);
      const found = parseTranscript(transcript);
      const comparable = (one: FlatCase, line: string | undefined, fromQemu: boolean) =>
        line === undefined
          ? 'nothing'
          : formatRecord(withoutQemuDeviations(one, parseRecord(line), fromQemu));
      const differences = cases.flatMap((one) => {
        if (one.expected !== undefined) return missingFields(one, one.expected, found.get(one.name));
        const right = comparable(one, wanted.get(one.name), true);
        const ours = comparable(one, found.get(one.name), false);
        return ours === right ? [] : [`${one.name}\n  qemu   ${right}\n  puffer ${ours}`];
      });
      expect(differences.join('\n')).toBe('');
      expect(ending).toBe('powerOff');
    });
  }

  test('a fault that cannot be delivered at all stops both machines', () => {
    const image = buildFlatImage([
      { name: 'before', code: 'DONE' },
      {
        name: 'triple',
        code: 'mov word ptr [frame0], 0\nmov qword ptr [frame0 + 2], offset idt\nlidt [frame0]\nud2',
      },
      { name: 'never', code: 'DONE' },
    ]);
    const wanted = [...parseTranscript(runUnderQemu(image)).keys()];
    const { transcript, ending } = runOnPuffer(image);
    expect(wanted).toEqual(['before']);
    expect([...parseTranscript(transcript).keys()]).toEqual(wanted);
    expect(ending).toBe('shutdown');
  });
});
