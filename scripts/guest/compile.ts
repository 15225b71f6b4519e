import { basename } from 'node:path';
import type { Step } from './steps.ts';
import { runTool } from './toolchain.ts';

/** Compiles one C or assembly source with `flags` into the object `output`. */
export function compileStep(source: string, output: string, flags: readonly string[]): Step {
  const color = process.stderr.isTTY ? ['-fdiagnostics-color=always'] : [];
  const language = source.endsWith('.S') ? ['-Wa,--noexecstack'] : [];
  const fixed = [...flags, ...language];
  return {
    output,
    inputs: [source],
    signature: `gcc ${fixed.join(' ')} -c ${source}`,
    writesDependencies: true,
    produce: (temporary, dependencies) =>
      runTool('gcc', [
        ...color,
        ...fixed,
        '-MMD',
        '-MF',
        dependencies,
        '-MT',
        basename(output),
        '-c',
        source,
        '-o',
        temporary,
      ]),
  };
}

/** Links `objects` (and archives, in the order given) with `flags`. `scripts` are further inputs. */
export function linkStep(
  objects: readonly string[],
  output: string,
  flags: readonly string[],
  scripts: readonly string[] = [],
): Step {
  const args = [...flags, ...objects, '-lgcc'];
  return {
    output,
    inputs: [...objects, ...scripts],
    signature: `gcc ${args.join(' ')}`,
    writesDependencies: false,
    produce: (temporary) => runTool('gcc', [...args, '-o', temporary]),
  };
}

/** Collects `objects` in an archive for the linker. */
export function archiveStep(objects: readonly string[], output: string): Step {
  const deterministic = 'rcsD';
  return {
    output,
    inputs: objects,
    signature: `ar ${deterministic} ${objects.join(' ')}`,
    writesDependencies: false,
    produce: (temporary) => runTool('ar', [deterministic, temporary, ...objects]),
  };
}

/** A copy of an executable without symbols and debugging information. */
export function stripStep(executable: string, output: string): Step {
  return {
    output,
    inputs: [executable],
    signature: `strip ${executable}`,
    writesDependencies: false,
    produce: (temporary) => runTool('strip', ['--strip-all', '-o', temporary, executable]),
  };
}
