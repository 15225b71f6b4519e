import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { compileStep, linkStep } from './compile.ts';
import { GuestBuildError } from './errors.ts';
import { kernelFlags, kernelLinkFlags } from './flags.ts';
import { ksymsAssembly } from './ksyms.ts';
import { absolute, guestPaths, objectPath } from './paths.ts';
import { sourcesBelow } from './sources.ts';
import type { Stage, Step } from './steps.ts';
import { runTool } from './toolchain.ts';

/**
 * The C preprocessor's view of what a compiled genassym.c says: each line `->NAME value` of the assembly
 * (the value with or without an immediate's `$`) becomes a definition.
 *
 * @throws GuestBuildError ('bad-source-tree') when there is no such line.
 */
export function extractAssemblyConstants(assembly: string): string {
  const definitions = [...assembly.matchAll(/^\s*->(\w+) \$?(-?\w+)/gm)].map(
    ([, name, value]) => `#define ${name} ${value}\n`,
  );
  if (definitions.length === 0) {
    throw new GuestBuildError(
      'bad-source-tree',
      `${guestPaths.genassym} defines no constant ('->NAME value')`,
    );
  }
  return definitions.join('');
}

/** genassym.c to assembly, and the assembly to assym.h; none when the kernel has no genassym.c. */
function assemblyConstantStages(): Stage[] {
  if (!existsSync(absolute(guestPaths.genassym))) {
    return [];
  }
  const assembly = `${guestPaths.objects}/genassym.s`;
  const compiled: Step = {
    output: assembly,
    inputs: [guestPaths.genassym],
    signature: `gcc ${kernelFlags.join(' ')} -g0 -S ${guestPaths.genassym}`,
    writesDependencies: true,
    produce: (temporary, dependencies) =>
      runTool('gcc', [
        ...kernelFlags,
        '-g0',
        '-MMD',
        '-MF',
        dependencies,
        '-MT',
        'genassym.s',
        '-S',
        guestPaths.genassym,
        '-o',
        temporary,
      ]),
  };
  const header: Step = {
    output: `${guestPaths.generatedHeaders}/assym.h`,
    inputs: [assembly],
    signature: 'assym.h',
    writesDependencies: false,
    produce: async (temporary) =>
      writeFileSync(absolute(temporary), extractAssemblyConstants(readFileSync(absolute(assembly), 'utf8'))),
  };
  return [[compiled], [header]];
}

/** Where the symbol table for the kernel's own debugger comes from, and what is linked with it. */
export const ksymsPaths = {
  /** The kernel without the table: everything in it has its final address. */
  firstLink: `${guestPaths.objects}/bsd.nosyms`,
  assembly: `${guestPaths.objects}/ksyms.S`,
  object: `${guestPaths.objects}/ksyms.S.o`,
} as const;

/** Links the kernel twice: the second time with the symbol table of the first. */
function linkStages(objects: readonly string[]): Stage[] {
  const { firstLink, assembly, object } = ksymsPaths;
  const scripts = [guestPaths.kernelLinkerScript];
  const table: Step = {
    output: assembly,
    inputs: [firstLink],
    signature: 'ksyms.S',
    writesDependencies: false,
    produce: async (temporary) =>
      writeFileSync(absolute(temporary), ksymsAssembly(new Uint8Array(readFileSync(absolute(firstLink))))),
  };
  return [
    [linkStep(objects, firstLink, kernelLinkFlags, scripts)],
    [table],
    [compileStep(assembly, object, kernelFlags)],
    [linkStep([...objects, object], guestPaths.kernel, kernelLinkFlags, scripts)],
  ];
}

/**
 * The stages that make guest/obj/bsd from every source below guest/sys.
 *
 * @throws GuestBuildError ('bad-source-tree') when there is nothing to build it from.
 */
export function kernelStages(): Stage[] {
  const sources = sourcesBelow(guestPaths.kernelSources).filter((path) => path !== guestPaths.genassym);
  for (const needed of [sources[0] ?? guestPaths.kernelSources, guestPaths.kernelLinkerScript]) {
    if (!existsSync(absolute(needed))) {
      throw new GuestBuildError(
        'bad-source-tree',
        `${needed}: not found, and the kernel cannot be built without it`,
      );
    }
  }
  const objects = sources.map(objectPath);
  return [
    ...assemblyConstantStages(),
    sources.map((source) => compileStep(source, objectPath(source), kernelFlags)),
    ...linkStages(objects),
  ];
}
