import { KernelImage } from '../../kernel/index.ts';
import type { ProgramFiles } from '../programs/programs.ts';
import type { CoverageData } from './execution-data.ts';
import { addProgram, type FileCoverage } from './file-coverage.ts';
import { ProgramCode } from './program-code.ts';

/** Makes reports of data about a kernel and its programs; what their files say is read once. */
export class CoverageReporter {
  readonly #kernel: KernelImage;
  readonly #files: ProgramFiles;
  readonly #codes = new Map<string, ProgramCode | undefined>();

  constructor(kernel: KernelImage, files: ProgramFiles) {
    this.#kernel = kernel;
    this.#files = files;
  }

  /** What ran, by source file, sorted by path: the whole kernel, and the programs that ran at all. Throws DwarfError, ElfError. */
  report(data: CoverageData): FileCoverage[] {
    const files = new Map<string, FileCoverage>();
    for (const program of data.programs) {
      const code = this.#code(program.name);
      if (code !== undefined) addProgram(files, code, program);
    }
    return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  #code(name: string): ProgramCode | undefined {
    if (!this.#codes.has(name)) {
      const bytes = name === KERNEL ? undefined : this.#files(name);
      const image = name === KERNEL ? this.#kernel : bytes && KernelImage.open(bytes);
      this.#codes.set(name, image && new ProgramCode(image));
    }
    return this.#codes.get(name);
  }
}

const KERNEL = 'kernel';
