import { type Kernel, waitsForInput } from '../kernel/index.ts';
import type { ConsoleScript } from '../machine/index.ts';

/** The shell's prompts. */
export const PROMPTS: readonly string[] = ['# ', '$ '];

/** Commands as they are typed, each with its line feed. */
export const typedLines = (commands: readonly string[]): Uint8Array =>
  new TextEncoder().encode(commands.map((line) => `${line}\n`).join(''));

/** A script of which a line is typed when the guest waits for input; on a kernel that cannot tell, when it has printed a prompt. */
export function consoleScript({ kernel }: { readonly kernel: Kernel }, bytes: Uint8Array): ConsoleScript {
  return { bytes, prompts: PROMPTS, waiting: () => waitsForInput(kernel) };
}
