import { execFile } from 'node:child_process';
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { kernelFlags, kernelLinkFlags } from '../guest/flags.ts';
import { ksymsPaths } from '../guest/kernel.ts';
import { ksymsAssembly } from '../guest/ksyms.ts';
import { guestPaths, objectPath, repositoryRoot } from '../guest/paths.ts';
import { sourcesBelow } from '../guest/sources.ts';
import { MutateError } from './errors.ts';
import type { Shadow } from './shadow.ts';

const run = promisify(execFile);

/**
 * A fault may leave a variable unused: a warning is no refusal here. What C's types refuse is, since nobody makes that mistake
 * unnoticed.
 */
const LENIENT = ['-Wno-error', '-Werror=int-conversion', '-Werror=incompatible-pointer-types'];

/** What the compiler makes of a changed source. */
export type Compiled = 'invalid' | 'same-code' | 'changed';

/** The kernel of a shadow, with one source changed. */
export class KernelVariant {
  readonly #shadow: Shadow;
  readonly #file: string;
  readonly #source: Uint8Array;
  readonly #object: Uint8Array;
  readonly #changed: Date;

  /** `file` is the source that will be changed. */
  constructor(shadow: Shadow, file: string) {
    this.#shadow = shadow;
    this.#file = file;
    this.#source = new Uint8Array(readFileSync(shadow.path(file)));
    this.#object = new Uint8Array(readFileSync(shadow.path(objectPath(file))));
    this.#changed = statSync(shadow.path(file)).mtime;
  }

  /** Compiles `source` in place of the file's own, and links the kernel when its code is another. */
  async build(source: string): Promise<Compiled> {
    const object = objectPath(this.#file);
    writeFileSync(this.#shadow.path(this.#file), source);
    const flags = kernelFlags.map((flag) => flag.replaceAll(repositoryRoot, this.#shadow.root));
    try {
      await this.#tool('gcc', [...flags, ...LENIENT, '-c', this.#file, '-o', object]);
    } catch (error) {
      // Only a compiler that ran and refused says something about the source.
      if (typeof (error as { code?: unknown }).code !== 'number') throw error;
      return 'invalid';
    }
    const mutated = await this.#code(this.#shadow.path(object));
    if (mutated.equals(await this.#ownCode())) return 'same-code';
    await this.#link();
    return 'changed';
  }

  /** Puts source and object back; the kernel stays as it is until the next one is linked. */
  restore(): void {
    const source = this.#shadow.path(this.#file);
    writeFileSync(source, this.#source);
    utimesSync(source, this.#changed, this.#changed);
    writeFileSync(this.#shadow.path(objectPath(this.#file)), this.#object);
  }

  async #link(): Promise<void> {
    const objects = sourcesBelow(guestPaths.kernelSources)
      .filter((path) => path !== guestPaths.genassym)
      .map(objectPath);
    try {
      const { firstLink, assembly, object } = ksymsPaths;
      await this.#tool('gcc', [...kernelLinkFlags, ...objects, '-lgcc', '-o', firstLink]);
      const table = ksymsAssembly(new Uint8Array(readFileSync(this.#shadow.path(firstLink))));
      writeFileSync(this.#shadow.path(assembly), table);
      await this.#tool('gcc', ['-c', assembly, '-o', object]);
      await this.#tool('gcc', [...kernelLinkFlags, ...objects, object, '-lgcc', '-o', guestPaths.kernel]);
    } catch (error) {
      throw new MutateError('no-result', `the kernel with a changed ${this.#file} does not link: ${error}`);
    }
  }

  #tool(tool: string, args: readonly string[]): Promise<unknown> {
    return run(tool, [...args], { cwd: this.#shadow.root, env: { ...process.env, LC_ALL: 'C' } });
  }

  async #ownCode(): Promise<Buffer> {
    const copy = this.#shadow.path('own.o');
    writeFileSync(copy, this.#object);
    return this.#code(copy);
  }

  /** An object's bytes without its debugging information. */
  async #code(object: string): Promise<Buffer> {
    const stripped = this.#shadow.path('stripped.o');
    await this.#tool('objcopy', ['--strip-debug', object, stripped]);
    const bytes = readFileSync(stripped);
    rmSync(stripped);
    return bytes;
  }
}
