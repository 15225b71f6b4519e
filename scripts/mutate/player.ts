/**
 * The process that boots kernels and plays sessions with them. It lives as long as the campaign, since the interpreter runs several
 * times faster when the host has compiled it. Answers each message of its parent with one message.
 */
import { readFileSync } from 'node:fs';
import { Machine, type Snapshot } from '../../emu/index.ts';
import { PROMPT } from '../../test/guest/guest-case.ts';
import { fillFreeMemory } from '../../test/guest/support/used-memory.ts';
import { Typist } from '../../test/guest/typist.ts';
import { absolute, guestPaths } from '../guest/paths.ts';
import { BOOTING, type KnownTest } from './baseline.ts';
import { FunctionCoverage } from './function-coverage.ts';
import type { PlayerAnswer, PlayerRequest } from './player-process.ts';
import { allSessions, type Session } from './sessions.ts';

/** Another seed than that of the test files: other places for stacks, other pids. */
const COMMAND_LINE = 'seed=2 time=1700000000';
/** Steps: many times what booting takes. */
const BOOT_BUDGET = 50_000_000;
/** Steps until a session is lost: so many times what it takes with the kernel as it is, and not fewer than these. */
const BUDGET_FACTOR = 3;
const LEAST_BUDGET = 50_000_000;

function file(name: string): { readonly name: string; readonly bytes: Uint8Array } {
  return { name, bytes: new Uint8Array(readFileSync(absolute(name))) };
}

/** A guest at its first prompt. */
class Prompt {
  readonly machine: Machine;
  /** Booting, as a test. */
  readonly booting: KnownTest;
  readonly #snapshot: Snapshot;

  private constructor(machine: Machine, functions: readonly string[]) {
    this.machine = machine;
    this.booting = { file: BOOTING, duration: 0, functions };
    this.#snapshot = machine.snapshot();
  }

  /** Boots the kernel that lies in the checkout. Throws when the prompt does not come. */
  static boot(regress: boolean): Prompt {
    const machine = Machine.create({
      kernel: file(guestPaths.kernel),
      initrd: file(regress ? guestPaths.regressInitrd : guestPaths.initrd),
      commandLine: COMMAND_LINE,
    });
    fillFreeMemory(machine);
    const coverage = new FunctionCoverage(machine);
    const typist = new Typist(machine, BOOT_BUDGET);
    typist.type('', (shown) => PROMPT.test(shown));
    typist.leave();
    return new Prompt(machine, coverage.take());
  }

  /** Plays a session from the first prompt. Gives what went wrong. */
  play(session: Session, budget: number | undefined): string | undefined {
    this.machine.restore(this.#snapshot);
    const typist = new Typist(this.machine, budget);
    return told(() => {
      try {
        const failure = session.play(typist, this.machine);
        return failure ?? (this.machine.ending === undefined ? undefined : 'the machine has ended');
      } finally {
        typist.leave();
      }
    });
  }
}

function firstLine(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}

function told(play: () => string | undefined): string | undefined {
  try {
    return play();
  } catch (error) {
    return firstLine(error);
  }
}

/** A kernel's guests, each booted when a session first needs it. */
class Guests {
  readonly #prompts = new Map<boolean, Prompt>();

  /** Throws when the prompt does not come. */
  at({ regress }: Pick<Session, 'regress'>): Prompt {
    const prompt = this.#prompts.get(regress) ?? Prompt.boot(regress);
    this.#prompts.set(regress, prompt);
    return prompt;
  }
}

function bootOrTell(guests: Guests, session: Pick<Session, 'regress'>): Prompt | string {
  try {
    return guests.at(session);
  } catch (error) {
    return `${BOOTING}: ${firstLine(error)}`;
  }
}

/** Plays a session as a test; to know what it enters takes much longer than to play it. */
function measure(prompt: Prompt, session: Session, known: readonly KnownTest[]): KnownTest | string {
  let functions = known.find(({ file }) => file === session.repeats)?.functions;
  if (functions === undefined) {
    const coverage = new FunctionCoverage(prompt.machine);
    prompt.play(session, undefined);
    functions = coverage.take();
  }
  const begin = performance.now();
  const failure = prompt.play(session, undefined);
  const duration = performance.now() - begin;
  if (failure !== undefined) return `${session.name}: ${failure}`;
  return { file: session.name, duration, steps: prompt.machine.position, functions };
}

function measureAll(): PlayerAnswer {
  const guests = new Guests();
  const known = [guests.at({ regress: true }).booting];
  for (const session of allSessions()) {
    const measured = measure(guests.at(session), session, known);
    if (typeof measured === 'string') return { failure: measured };
    known.push(measured);
  }
  return { known };
}

function play(known: readonly KnownTest[]): PlayerAnswer {
  const guests = new Guests();
  const sessions = allSessions();
  for (const { file, steps = 0 } of known) {
    const session = sessions.find(({ name }) => name === file);
    const prompt = bootOrTell(guests, session ?? { regress: true });
    if (typeof prompt === 'string') return { failure: prompt };
    if (session === undefined) continue;
    const failure = prompt.play(session, Math.max(LEAST_BUDGET, steps * BUDGET_FACTOR));
    if (failure !== undefined) return { failure: `${file}: ${failure}` };
  }
  return {};
}

function answer(request: PlayerRequest): PlayerAnswer {
  try {
    return request.play === undefined ? measureAll() : play(request.play);
  } catch (error) {
    return { broken: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.on('message', (request: PlayerRequest) => process.send?.(answer(request)));
process.on('disconnect', () => process.exit());
