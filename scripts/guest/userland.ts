import { archiveStep, compileStep, linkStep, stripStep } from './compile.ts';
import { userFlags, userLinkFlags } from './flags.ts';
import { guestPaths, objectPath } from './paths.ts';
import { type GuestProgram, sourcesBelow } from './sources.ts';
import type { Stage } from './steps.ts';

/** Headers private to libc are found beside its sources. */
const libcFlags = [...userFlags, `-I${guestPaths.libcSources}`];

/** The stages that make what every program is linked with: crt0 and libc.a. */
export function libraryStages(): Stage[] {
  const startup = sourcesBelow(guestPaths.csuSources);
  const libc = sourcesBelow(guestPaths.libcSources);
  return [
    [...startup, ...libc].map((source) => compileStep(source, objectPath(source), libcFlags)),
    [archiveStep(libc.map(objectPath), guestPaths.libc)],
  ];
}

/** Where a program with its DWARF is kept, for the debugger. */
export function programPath(program: GuestProgram): string {
  return `${guestPaths.programs}/${program.path}`;
}

/** Where the copy of a program that goes in the image is kept. */
export function strippedPath(program: GuestProgram): string {
  return `${guestPaths.strippedPrograms}/${program.path}`;
}

/** Links objects against the guest's startup code and libc. */
export function linkProgramStep(objects: readonly string[], output: string): Stage[number] {
  return linkStep([guestPaths.crt0, ...objects, guestPaths.libc], output, userLinkFlags);
}

/** The stages that make libc and `programs`, with DWARF and stripped. */
export function userlandStages(programs: readonly GuestProgram[]): Stage[] {
  const [libraryObjects = [], archive = []] = libraryStages();
  const objects = programs.flatMap((program) =>
    program.sources.map((source) => compileStep(source, objectPath(source), userFlags)),
  );
  return [
    [...libraryObjects, ...objects],
    archive,
    programs.map((program) => linkProgramStep(program.sources.map(objectPath), programPath(program))),
    programs.map((program) => stripStep(programPath(program), strippedPath(program))),
  ];
}
