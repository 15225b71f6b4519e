/**
 * Plays sessions at the guest's console, as test/guest/life/regress.test.ts and test/guest-qemu/cases-on-puffer.test.ts do, but
 * without a test framework, which takes longer to start than the guest to boot. Arguments: the sessions' names, in order; with
 * `--measure` first, all are played and what each costs and enters is told. Prints one JSON object.
 */
import { BootedGuest } from '../../emu/vitest/booted-guest.ts';
import { expectedTranscript } from '../../test/guest/guest-case.ts';
import { kshCases } from '../../test/guest/ksh-cases.ts';
import { Typist } from '../../test/guest/typist.ts';
import { utilityCases } from '../../test/guest/utility-cases.ts';
import { regressPrograms } from '../guest/sources.ts';
import type { KnownTest } from './baseline.ts';
import { FunctionCoverage } from './function-coverage.ts';

/** The session of all shell and utility cases. Every other session is a regress program's path. */
const CASES = 'test/guest/*-cases.ts';

type Measure = <Result>(name: string, guest: BootedGuest, play: () => Result) => Result;

/** The guest with the regress programs, booted when it is first asked for. */
class Sessions {
  #regress: Promise<BootedGuest> | undefined;

  /** Plays a session; gives what failed. */
  async play(name: string, measure: Measure): Promise<string | undefined> {
    const cases = name === CASES;
    try {
      const guest = cases ? await BootedGuest.boot() : await this.#regressGuest();
      return measure(name, guest, () => (cases ? playCases(guest) : playRegress(guest, name)));
    } catch (error) {
      return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    }
  }

  #regressGuest(): Promise<BootedGuest> {
    this.#regress ??= BootedGuest.boot({ regress: true });
    return this.#regress;
  }
}

function playCases(guest: BootedGuest): string | undefined {
  const typist = new Typist(guest.machine);
  const failed = [...utilityCases, ...kshCases].find((one) => typist.play(one) !== expectedTranscript(one));
  if (failed !== undefined) return failed.name;
  return guest.machine.ending === undefined ? undefined : 'the machine has ended';
}

function playRegress(guest: BootedGuest, path: string): string | undefined {
  const { output, status } = guest.sh(`/${path}`);
  const failed = output.split('\n').find((line) => line.startsWith('FAIL'));
  if (failed !== undefined) return failed;
  return status === 0 && /^pass /m.test(output) ? undefined : `status ${status}`;
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function measureAll(): Promise<void> {
  const known: KnownTest[] = [];
  const measure: Measure = (name, { machine }, play) => {
    const coverage = new FunctionCoverage(machine);
    const start = performance.now();
    const result = play();
    known.push({ file: name, duration: performance.now() - start, functions: coverage.take() });
    return result;
  };
  const sessions = new Sessions();
  for (const name of [CASES, ...regressPrograms().map(({ path }) => path)]) {
    const failure = await sessions.play(name, measure);
    if (failure !== undefined) {
      print({ failure: `${name}: ${failure}` });
      return;
    }
  }
  print({ known });
}

async function playAll(names: readonly string[]): Promise<void> {
  const sessions = new Sessions();
  for (const name of names) {
    const failure = await sessions.play(name, (_name, _guest, play) => play());
    if (failure !== undefined) {
      print({ failure: `${name}: ${failure}` });
      return;
    }
  }
  print({});
}

const [first, ...others] = process.argv.slice(2);
if (first === '--measure') await measureAll();
else await playAll(first === undefined ? [] : [first, ...others]);
