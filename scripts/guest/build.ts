import { lstatSync, symlinkSync } from 'node:fs';
import { relative } from 'node:path';
import { GuestBuildError } from './errors.ts';
import { imageStep } from './image.ts';
import { runJobs } from './jobs.ts';
import { kernelStages } from './kernel.ts';
import { absolute, guestPaths } from './paths.ts';
import { guestPrograms, regressPrograms, scratchProgram } from './sources.ts';
import { isStale, rememberedModificationTimes, runStep, type Stage, type Step } from './steps.ts';
import { requireToolchain, toolchainIdentity } from './toolchain.ts';
import { strippedPath, userlandStages } from './userland.ts';
import { explainRefusal, makeWritableDirectory } from './writable.ts';

/**
 * Which part of the guest to look at: the kernel; the programs and their image; the same with the
 * programs below guest/regress in an image of their own; or the program that `puffer/vitest` makes system
 * calls from. The first two when left out.
 */
export type GuestPart = 'kernel' | 'user' | 'regress' | 'kit';

export const guestParts: readonly GuestPart[] = ['kernel', 'user', 'regress', 'kit'];

/** Called before each step that runs, and with undefined at the end. */
export type Progress = (step: Step | undefined) => void;

export interface BuildOptions {
  readonly part?: GuestPart | undefined;
  readonly progress?: Progress | undefined;
}

/** What a build did. */
export interface BuildSummary {
  /** Outputs that were made anew, repository-relative, in order. */
  readonly made: readonly string[];
  /** The products of the part that was asked for. */
  readonly products: readonly string[];
}

/** How each part is made. */
const stagesOf: Readonly<Record<GuestPart, () => Stage[]>> = {
  kernel: kernelStages,
  user: () => {
    const programs = guestPrograms();
    return [...userlandStages(programs), [imageStep(guestPaths.initrd, programs)]];
  },
  regress: () => {
    const programs = [...guestPrograms(), ...regressPrograms()];
    return [...userlandStages(programs), [imageStep(guestPaths.regressInitrd, programs)]];
  },
  kit: () => userlandStages([scratchProgram()]),
};

const productOf: Readonly<Record<GuestPart, string>> = {
  kernel: guestPaths.kernel,
  user: guestPaths.initrd,
  regress: guestPaths.regressInitrd,
  kit: strippedPath(scratchProgram()),
};

function partsOf(part: GuestPart | undefined): readonly GuestPart[] {
  return part === undefined ? ['kernel', 'user'] : [part];
}

const machineLink = `${guestPaths.generatedHeaders}/machine`;

/** Makes `#include <machine/…>` find the headers of the machine. @throws GuestBuildError ('unwritable') */
export function linkMachineHeaders(): void {
  makeWritableDirectory(guestPaths.objects);
  makeWritableDirectory(guestPaths.generatedHeaders);
  if (lstatSync(absolute(machineLink), { throwIfNoEntry: false }) === undefined) {
    const target = relative(absolute(guestPaths.generatedHeaders), absolute(guestPaths.machineHeaders));
    try {
      symlinkSync(target, absolute(machineLink));
    } catch (error) {
      // A build that runs at the same time may have made the same link.
      if (lstatSync(absolute(machineLink), { throwIfNoEntry: false }) === undefined) {
        throw explainRefusal(error);
      }
    }
  }
}

/**
 * Runs the stale steps of each stage.
 *
 * @returns the outputs that were made.
 * @throws GuestBuildError with all that the failed compilers printed.
 */
export async function runStages(stages: readonly Stage[], progress?: Progress): Promise<string[]> {
  const toolchain = toolchainIdentity();
  const made: string[] = [];
  for (const stage of stages) {
    const stale = stage.filter((step) => isStale(step, toolchain));
    if (stale.length > 0 && toolchain === undefined) {
      requireToolchain();
    }
    const failures = await runJobs(stale, async (step) => {
      progress?.(step);
      await runStep(step, toolchain ?? '');
      made.push(step.output);
    });
    if (failures.length > 0) {
      progress?.(undefined);
      throwFailures(failures);
    }
  }
  progress?.(undefined);
  return made;
}

function throwFailures(failures: readonly unknown[]): never {
  const errors = failures.map((failure) => {
    if (failure instanceof GuestBuildError) {
      return failure;
    }
    throw failure;
  });
  const [first] = errors;
  // Many steps may be refused at once: one says it all.
  const refused = errors.find((error) => error.code === 'unwritable');
  if (refused !== undefined) {
    throw refused;
  }
  throw new GuestBuildError(
    first?.code ?? 'compile-failed',
    [...new Set(errors.map((error) => error.message))].join('\n'),
  );
}

/** Brings the guest up to date. @throws GuestBuildError */
export async function buildGuest(options: BuildOptions = {}): Promise<BuildSummary> {
  linkMachineHeaders();
  const parts = partsOf(options.part);
  const stages = parts.flatMap((part) => stagesOf[part]());
  return {
    made: await runStages(stages, options.progress),
    products: parts.map((part) => productOf[part]),
  };
}

/** Whether `buildGuest` would make anything. Runs no compiler and writes nothing. */
export function isGuestStale(part?: GuestPart): boolean {
  const toolchain = toolchainIdentity();
  const linked = lstatSync(absolute(machineLink), { throwIfNoEntry: false }) !== undefined;
  const stages = partsOf(part).flatMap((each) => stagesOf[each]());
  const timeOf = rememberedModificationTimes();
  return !linked || stages.some((stage) => stage.some((step) => isStale(step, toolchain, timeOf)));
}
