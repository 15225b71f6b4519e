import type { KernelImage } from '../../kernel/index.ts';
import { type Machine, StateHash } from '../../machine/index.ts';
import { type RecordedKernel, type Recording, RecordingError } from './recording.ts';

/** How recordings know a kernel: by its build-id, or by what its file holds. */
export function identityOf(name: string, image: KernelImage, bytes: Uint8Array): RecordedKernel {
  const { buildId } = image.elf;
  if (buildId !== undefined) return { name, identity: buildId };
  const hash = new StateHash();
  hash.integer(bytes.length);
  for (const byte of bytes) hash.word(byte);
  return { name, identity: `hash:${hash.digest()}` };
}

/**
 * Puts a machine to the beginning of a recording; its input comes in again by itself. Throws RecordingError 'otherMachine' when kernel or
 * memory are others, and nothing is changed then.
 */
export function openRecording(machine: Machine, recording: Recording, kernel: RecordedKernel): void {
  const { start } = recording;
  if (kernel.identity !== recording.kernel.identity) {
    throw new RecordingError(
      'otherMachine',
      `the recording was made with ${recording.kernel.name} of build ${recording.kernel.identity}, and ${kernel.name} is build` +
        ` ${kernel.identity}: give the kernel it was made with (--kernel FILE)`,
    );
  }
  if (machine.state.ram.length !== start.memorySize) {
    throw new RecordingError(
      'otherMachine',
      `the recording is of a machine with ${start.memorySize} bytes of memory; this one has ${machine.state.ram.length}`,
    );
  }
  machine.restore(start);
  machine.replay(recording.input, { thenLive: true });
}

/** At the end of a recording: whether the replay came to the recorded state. Throws RecordingError 'diverged'. */
export function checkEnd(machine: Machine, { end, endHash }: Pick<Recording, 'end' | 'endHash'>): void {
  if (machine.position !== end || machine.stateHash() === endHash) return;
  throw new RecordingError(
    'diverged',
    `the replay has come to another state than the recorded run, at position ${end}: this is a defect of puffer, or of the recording`,
  );
}
