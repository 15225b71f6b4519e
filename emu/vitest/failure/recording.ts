import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { identityOf } from '../../debug/time/open-recording.ts';
import { encodeRecording, type Recording } from '../../debug/time/recording.ts';
import type { InputEntry, Snapshot } from '../../machine/index.ts';
import type { Machine } from '../../puffer-machine.ts';

export type { Recording };

/** Where recordings are written, from the working directory, unless the environment names another place. */
const RESULTS = 'test-results';
const RESULTS_VARIABLE = 'PUFFER_TEST_RESULTS';
const MAXIMUM_NAME = 100;

/** Where a stretch of a machine's life began. */
export interface Beginning {
  readonly snapshot: Snapshot;
  /** How many entries the input log had: none, once what followed has been played again. */
  inputs: number;
}

/** What ran, for messages and for whoever opens the recording. */
export interface RanKernel {
  /** The kernel's file. */
  readonly name: string;
  readonly commandLine: string;
}

/** What came in from outside since a beginning. */
export function inputsSince(machine: Machine, { inputs }: Beginning): readonly InputEntry[] {
  const { entries, cursor } = machine.core.input;
  return entries.slice(inputs, cursor);
}

/** The machine's life from a beginning to now. */
export function recordingSince(machine: Machine, beginning: Beginning, kernel: RanKernel): Recording {
  const { core, image } = machine;
  return {
    kernel: identityOf(kernel.name, image, image.elf.bytes),
    commandLine: kernel.commandLine,
    start: beginning.snapshot,
    input: inputsSince(machine, beginning),
    end: core.position,
    endHash: core.stateHash(),
  };
}

/** Writes a recording that `puffer debug --open` opens, named for a test; returns its path. Throws what the file system says. */
export function saveRecording(recording: Recording, test: string): string {
  const name = test
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const directory = process.env[RESULTS_VARIABLE] ?? RESULTS;
  const path = join(directory, `${name.slice(-MAXIMUM_NAME) || 'test'}.puffer`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(path, gzipSync(encodeRecording(recording)));
  return path;
}
