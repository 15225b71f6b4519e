import { KernelImage } from '../../kernel/index.ts';
import type { Snapshot } from '../../machine/index.ts';
import type { BootedGuest } from '../booted-guest.ts';
import { scratchFile } from '../guest-image.ts';
import { runTo } from '../run-to.ts';
import { ScratchProcess, standsInScratch } from './process.ts';
import { type ProcessSetup, setUp } from './setup.ts';

/** Where the program lies in the image. */
const COMMAND = '/sbin/scratch';
const PROMPT = '# ';

let parkAddress: bigint | undefined;

/** The address of `scratch_park`, read once. */
function park(): bigint {
  parkAddress ??= KernelImage.open(scratchFile()).address('scratch_park');
  return parkAddress;
}

/** Brings the scratch process on, the first time that it is asked for, and off. */
export class ScratchStage {
  readonly #guest: BootedGuest;
  readonly #setup: ProcessSetup;
  #process: ScratchProcess | undefined;
  #since: number | undefined;
  /** The prompt that the process was started from, and the process ready: the same start need not be played again. */
  #known: { readonly from: Snapshot; readonly ready: Snapshot; readonly output: string } | undefined;

  constructor(guest: BootedGuest, setup: ProcessSetup) {
    this.#guest = guest;
    this.#setup = setup;
  }

  /** The process; it is started when there is none. Throws GuestTestError 'not-reached'. */
  process(): ScratchProcess {
    if (this.#process === undefined) {
      this.#process = this.#enter();
      this.#since = this.#guest.machine.position;
    }
    return this.#process;
  }

  /** The position from which on the process has been ready; undefined when it is not there. */
  get since(): number | undefined {
    return this.isOn ? this.#since : undefined;
  }

  get isOn(): boolean {
    return this.#process !== undefined;
  }

  /** The machine is put back to another moment: the process is not there any more. */
  leave(): void {
    this.#process?.release();
    this.#process = undefined;
  }

  /** The machine was put back to a moment when this process was there, or none. */
  goBack(process: ScratchProcess | undefined): void {
    if (this.#process !== process) this.leave();
    this.#process = process;
    process?.watch();
  }

  /** Lets the process exit and the shell come back, if it is there. */
  end(): void {
    const process = this.#process;
    if (process === undefined) return;
    this.leave();
    if (process.parked) this.#guest.finish();
  }

  #enter(): ScratchProcess {
    const guest = this.#guest;
    const { machine } = guest;
    const from = guest.untouched ? guest.origin : undefined;
    if (from !== undefined && this.#known?.from === from) {
      const { ready, output } = this.#known;
      guest.restore(ready, output);
      return this.#take();
    }
    guest.start(COMMAND);
    runTo(machine, park(), { when: () => standsInScratch(machine), unlessText: PROMPT });
    const process = this.#take();
    setUp(process, this.#setup);
    process.user.used = 0;
    if (from !== undefined) this.#known = { from, ready: machine.snapshot(), output: guest.output };
    return process;
  }

  #take(): ScratchProcess {
    return new ScratchProcess(this.#guest.machine, { park: park() }, PROMPT);
  }
}
