import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../test/oracles/host-paths.ts';
import { type Result, readResult } from './progress-file.ts';

/** A campaign that the report needs has not been run. */
export class ReportError extends Error {
  readonly code = 'ERR_REPORT';
  override readonly name = 'ReportError';
}

function needed(campaign: string): Result {
  const result = readResult(campaign);
  if (result === undefined) {
    throw new ReportError(`no result of the ${campaign} campaign: run npm run differential -- ${campaign}`);
  }
  return result;
}

/** The first match of a pattern in what a command prints. */
function versionOf(command: string, args: readonly string[], pattern: RegExp): string {
  const run = spawnSync(command, args, { encoding: 'utf8' });
  return pattern.exec(run.stdout ?? '')?.[1] ?? 'of an unknown version';
}

/** Vendor, family and model of the host's processor, as Linux tells them. */
function hostProcessor(): string {
  const text = readFileSync('/proc/cpuinfo', 'utf8');
  const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1] ?? 'unknown';
  return `${field('vendor_id')}, family ${field('cpu family')}, model ${field('model')}`;
}

const count = (value: number): string => value.toLocaleString('en-US');

/** Lines of a table with a header. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}

const reasonTable = (header: string, reasons: Readonly<Record<string, number>>): string =>
  table(
    [header, 'times'],
    Object.entries(reasons)
      .sort(([, a], [, b]) => b - a)
      .map(([reason, times]) => [reason, count(times)]),
  );

function featureTable(user: Result, system: Result): string {
  const rows = [
    ...Object.entries(user.features).map(([name, row]) => [name, 'host CPU', ...row] as const),
    ...Object.entries(system.features).map(([name, row]) => [name, 'QEMU', ...row] as const),
  ].sort(([a], [b]) => a.localeCompare(b));
  return table(
    ['feature', 'oracle', 'forms', 'executions compared', 'fewest of a form'],
    rows.map(([name, oracle, forms, executions, fewest]) => [
      ...[name, oracle, count(forms), count(executions), count(fewest)],
    ]),
  );
}

/** The document test/ORACLES.md. Throws ReportError when a campaign has not been run. */
export function oracleReport(): string {
  const [user, system, decoder] = [needed('user'), needed('system'), needed('decoder')];
  const forms = user.forms + system.forms;
  const covered = user.covered + system.covered;
  const mismatches = user.mismatches + system.mismatches + decoder.mismatches;
  const fewest = Math.min(user.fewest, system.fewest);
  const known = Object.entries(user.second?.reasons ?? {}).filter(
    ([reason]) => !reason.startsWith('not known'),
  );
  const unknown = Object.entries(user.second?.reasons ?? {}).filter(([reason]) =>
    reason.startsWith('not known'),
  );
  const unknownTimes = unknown.reduce((sum, [, times]) => sum + times, 0);
  return `# Oracles

What the long differential run found. \`npm run differential -- --help\` tells how to run it; a short run is part of \`npm test\`
(\`test/differential\`). Written by \`npm run differential -- report\`.

**${count(covered)} of ${count(forms)} forms of the instruction table were executed and compared at least ${count(fewest)} times each; ${count(user.executions + system.executions)}
executions in ${count(user.cases + system.cases)} cases; ${mismatches === 0 ? 'no mismatch' : `${count(mismatches)} kinds of mismatches`}.**

${table(
  ['campaign', 'oracle', 'seed', 'cases', 'executions compared', 'forms', 'mismatches'],
  [
    [
      ...[
        'user code',
        `host CPU (${hostProcessor()})`,
        `${user.seed}`,
        count(user.cases),
        count(user.executions),
      ],
      ...[`${count(user.covered)} of ${count(user.forms)}`, `${user.mismatches}`],
    ],
    [
      ...[
        'ring 0',
        `QEMU ${versionOf('qemu-system-x86_64', ['--version'], /version (\S+)/)}`,
        `${system.seed}`,
      ],
      ...[count(system.cases), count(system.executions)],
      ...[`${count(system.covered)} of ${count(system.forms)}`, `${system.mismatches}`],
    ],
    [
      ...[
        'decoder',
        `objdump ${versionOf('objdump', ['--version'], /(\d+\.\d+)/)}, Capstone, host CPU`,
        `${decoder.seed}`,
      ],
      ...[count(decoder.cases), count(decoder.executions), 'all', `${decoder.mismatches}`],
    ],
  ],
)}

Nothing is masked in user code: the flags that the manuals leave undefined are compared, too, because puffer follows what AMD's
processors do with them. What is a processor's own (time, random numbers, identification) and what is bounded by a relative error is
said in the rows of \`emu/cpu/INSTRUCTIONS.md\`; nothing else of such an instruction is left out.

A case is one instruction, or a few, made from the table by the seed and the form's name, with random prefixes, operands, addresses,
registers, flags, memory and x87 and vector state, in 64-bit code and in compatibility mode. The whole state afterwards is compared:
registers, flags, segment registers, memory, the FXSAVE image, and of a fault its vector, error code and address.

## By feature

${featureTable(user, system)}

## Differences that count for nothing

${reasonTable("user code: what is the host's own", user.reasons)}

What QEMU does otherwise than the manuals is written down, rule by rule, in \`test/oracles/qemu-deviations.ts\`, and in the recipes of
\`scripts/differential/system-cases.ts\`, which keep away from it. SYSENTER and SYSEXIT, #UD in long mode on AMD's processors, RDPMC, which has no
counter to read, and HLT, which waits for what does not come in a case, were executed and compared, but never retired here.

## Unicorn, the third opinion

Of the cases of one instruction of 64-bit code on general registers one in eight was shown to Unicorn, without the flags that the manuals leave undefined: ${count(user.second?.asked ?? 0)}; it agreed with the host's processor and
puffer on ${count(user.second?.agreed ?? 0)}. On the others the host's processor and puffer agree with each other.

${reasonTable('Unicorn …', { ...Object.fromEntries(known), 'differs for other reasons': unknownTimes })}

## The decoder

${count(decoder.cases)} byte strings (every form in every way, every opcode of every map, random bytes; 64-bit and 32-bit code):
${count(decoder.executions)} are instructions of the same length and name for objdump, ${count(decoder.second?.agreed ?? 0)} of the same length for Capstone. Where they differ, the
host's processor was asked whether the bytes are an instruction.

${reasonTable('why they differ where puffer is right', decoder.reasons)}
`;
}

/** Writes test/ORACLES.md; returns its path below the repository. */
export function writeReport(): string {
  const path = 'test/ORACLES.md';
  writeFileSync(join(packageRoot(), path), oracleReport());
  return path;
}
