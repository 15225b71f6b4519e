import type { GuestCase } from './guest-case.ts';
import { kshCommandCases } from './ksh-command-cases.ts';
import { kshCompoundCases } from './ksh-compound-cases.ts';
import { kshConsoleCases } from './ksh-console-cases.ts';
import { kshWordCases } from './ksh-word-cases.ts';

/** What the shell does, line by line at its prompt. The last case ends the console's shell: init starts another. */
export const kshCases: readonly GuestCase[] = [
  ...kshCommandCases,
  ...kshWordCases,
  ...kshCompoundCases,
  ...kshConsoleCases,
];
