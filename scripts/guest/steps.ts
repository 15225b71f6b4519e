import { existsSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { absolute } from './paths.ts';
import { explainRefusal, explainToolRefusal, makeWritableDirectory } from './writable.ts';

/**
 * One thing the build makes from other things. A step is stale when its output is missing or older than
 * an input, or when it was made by another command or compiler.
 */
export interface Step {
  /** What is made, relative to the repository. */
  readonly output: string;
  /** What it is made from, relative to the repository; included headers are found by the compiler. */
  readonly inputs: readonly string[];
  /** Everything else that decides the output's bytes: the command and its flags, the list of inputs. */
  readonly signature: string;
  /** Whether `produce` writes a dependency file (make's format) as its second path. */
  readonly writesDependencies: boolean;
  /** Writes the output to `temporary`, and its dependencies to `dependencies`. Both are repository-relative. */
  produce(temporary: string, dependencies: string): Promise<unknown>;
}

/** Steps of one stage do not need each other; a stage needs all stages before it. */
export type Stage = readonly Step[];

const stampOf = (output: string): string => absolute(`${output}.stamp`);
const dependenciesOf = (output: string): string => `${output}.d`;

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** When a file was last modified, in ns; undefined when there is none. The path is relative to the repository. */
export type ModificationTime = (path: string) => bigint | undefined;

/** Modification times, each looked up once: many steps share their headers. For a time in which nothing is built. */
export function rememberedModificationTimes(): ModificationTime {
  const known = new Map<string, bigint | undefined>();
  return (path) => {
    if (!known.has(path)) known.set(path, modified(path));
    return known.get(path);
  };
}

function modified(path: string): bigint | undefined {
  return statSync(absolute(path), { bigint: true, throwIfNoEntry: false })?.mtimeNs;
}

/** The files named after the first colon of a dependency file; a backslash escapes a blank or joins lines. */
export function parseDependencies(text: string): string[] {
  const colon = text.search(/:(\s|$)/);
  const list = text.slice(colon + 1).replaceAll(/\\\r?\n/g, ' ');
  const names = list.match(/(?:\\.|[^\s\\])+/g) ?? [];
  return names.map((name) => name.replaceAll(/\\(.)/g, '$1').replaceAll('$$', '$'));
}

function allInputs(step: Step): readonly string[] | undefined {
  if (!step.writesDependencies) {
    return step.inputs;
  }
  const text = readText(absolute(dependenciesOf(step.output)));
  return text === undefined ? undefined : [...step.inputs, ...parseDependencies(text)];
}

/**
 * The stamp kept beside an output: the signature, and who made it. With no compiler at hand its identity
 * is not compared, so that a built guest can be used on a host without one.
 */
function stampMatches(step: Step, toolchain: string | undefined): boolean {
  const stamp = readText(stampOf(step.output));
  if (stamp === undefined) {
    return false;
  }
  const end = stamp.indexOf('\n');
  const sameToolchain = toolchain === undefined || stamp.slice(0, end) === toolchain;
  return sameToolchain && stamp.slice(end + 1) === step.signature;
}

/** Whether `step` must run. Says nothing about the steps its inputs come from. */
export function isStale(
  step: Step,
  toolchain: string | undefined,
  timeOf: ModificationTime = modified,
): boolean {
  const made = timeOf(step.output);
  if (made === undefined || !stampMatches(step, toolchain)) {
    return true;
  }
  const inputs = allInputs(step);
  return (
    inputs === undefined ||
    inputs.some((input) => {
      const changed = timeOf(input);
      return changed === undefined || changed > made;
    })
  );
}

/**
 * Runs `step` and puts its output in place at once, whole. The output carries the time at which the step
 * began: an input edited meanwhile is newer than it.
 *
 * @throws GuestBuildError 'unwritable' when the output, or what is kept beside it, cannot be written.
 */
export async function runStep(step: Step, toolchain: string): Promise<void> {
  const began = new Date();
  const temporary = `${step.output}.${process.pid}.tmp`;
  const dependencies = `${temporary}.d`;
  makeWritableDirectory(dirname(step.output));
  try {
    await step.produce(temporary, dependencies);
    utimesSync(absolute(temporary), began, began);
    rmSync(stampOf(step.output), { force: true });
    if (step.writesDependencies) {
      renameSync(absolute(dependencies), absolute(dependenciesOf(step.output)));
    }
    renameSync(absolute(temporary), absolute(step.output));
    writeFileSync(stampOf(step.output), `${toolchain}\n${step.signature}`);
  } catch (error) {
    throw explainRefusal(explainToolRefusal(error, temporary));
  } finally {
    for (const leftover of [temporary, dependencies]) {
      if (existsSync(absolute(leftover))) {
        rmSync(absolute(leftover));
      }
    }
  }
}
