import type { FileCoverage } from '../../../emu/debug/coverage/file-coverage.ts';
import { CoverageCollector, type CoverageData, CoverageReporter } from '../../../emu/debug/coverage/index.ts';
import { Machine } from '../../../emu/puffer-machine.ts';
import { guestImage } from '../../../emu/vitest/guest-image.ts';
import { appendToCpio } from '../../../scripts/guest/cpio-append.ts';
import { type CpioFile, programFile } from '../../../scripts/guest/index.ts';

const PROMPT = '# ';
const EXECUTABLE = 0o555;

/** A guest at its prompt whose coverage is measured. */
export class CoveredGuest {
  readonly machine: Machine;
  readonly reporter: CoverageReporter;
  readonly #files: (comm: string) => Uint8Array | undefined;

  /** `programs`: ELF files to put into /bin, by name. */
  static async boot(programs: ReadonlyMap<string, Uint8Array> = new Map()): Promise<CoveredGuest> {
    const { kernel, initrd } = await guestImage();
    const added = [...programs].map(
      ([name, data]): CpioFile => ({ kind: 'file', path: `bin/${name}`, permissions: EXECUTABLE, data }),
    );
    const machine = Machine.create({
      kernel,
      initrd: { name: initrd.name, bytes: appendToCpio(initrd.bytes, added) },
      commandLine: 'seed=1 time=1700000000',
    });
    machine.run({ text: PROMPT });
    return new CoveredGuest(machine, (comm) => programs.get(comm) ?? programFile(comm));
  }

  private constructor(machine: Machine, files: (comm: string) => Uint8Array | undefined) {
    this.machine = machine;
    this.#files = files;
    this.reporter = new CoverageReporter(machine.image, files);
  }

  collector(): CoverageCollector {
    return new CoverageCollector(this.machine.kernel, this.#files);
  }

  run(command: string): void {
    this.machine.console.write(`${command}\n`);
    this.machine.run({ text: PROMPT });
  }

  /** What runs while a command does. */
  measure(command: string): CoverageData {
    const collector = this.collector();
    this.run(command);
    return collector.stop();
  }

  /** The file of a report whose path ends so. */
  file(data: CoverageData, path: string): FileCoverage {
    const found = this.reporter.report(data).find((one) => one.path.endsWith(path));
    if (found === undefined) throw new Error(`no file ${path} ran`);
    return found;
  }
}
