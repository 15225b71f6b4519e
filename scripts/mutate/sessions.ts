/**
 * What can be played at the guest's console without a test framework, which takes longer to start than the guest to boot. Each session
 * judges as a test file does that plays the same.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Machine } from '../../emu/index.ts';
import { expectedTranscript, type GuestCase } from '../../test/guest/guest-case.ts';
import { kshCases } from '../../test/guest/ksh-cases.ts';
import { Auditor } from '../../test/guest/support/auditor.ts';
import { remains } from '../../test/guest/support/remains.ts';
import type { Typist } from '../../test/guest/typist.ts';
import { utilityCases } from '../../test/guest/utility-cases.ts';
import { regressPrograms } from '../guest/sources.ts';

/** The structures are looked at anew after so many more calls, of those before. */
const AUDITS = 0.2;

/** A session from prompt to prompt. */
export interface Session {
  readonly name: string;
  /** Whether the regress programs are in the image. */
  readonly regress: boolean;
  /** The session that it plays again, and so enters what that does. */
  readonly repeats?: string;
  /** What is wrong; undefined when all is right. Throws when the prompt does not come. */
  readonly play: (typist: Typist, machine: Machine) => string | undefined;
}

function casesSession(name: string, cases: readonly GuestCase[]): Session {
  return {
    name,
    regress: false,
    play: (typist) => cases.find((one) => typist.play(one) !== expectedTranscript(one))?.name,
  };
}

/** As test/guest/life/regress.test.ts and test/guest/invariants/consistency.test.ts. */
function regressSession(path: string): Session {
  return {
    name: path,
    regress: true,
    play: (typist, machine) => {
      const auditor = new Auditor(machine, AUDITS);
      try {
        const output = typist.command(`/${path}`);
        const status = typist.command('echo $?');
        return auditor.wrong ?? failureOf(output, status);
      } catch (error) {
        if (auditor.wrong !== undefined) return auditor.wrong;
        throw error;
      } finally {
        auditor.stop();
      }
    },
  };
}

function failureOf(output: string, status: string): string | undefined {
  const failed = output.split('\n').find((line) => line.startsWith('FAIL'));
  if (failed !== undefined) return failed;
  return status === '0\n' && /^pass /m.test(output) ? undefined : `status ${status.trim()}`;
}

/** As test/guest/life/conservation.test.ts. */
function conservationSession(path: string): Session {
  return {
    name: `what ${path} leaves behind`,
    regress: true,
    repeats: path,
    play: (typist, machine) => {
      const left = (): Readonly<Record<string, unknown>> => {
        typist.command(`/${path}`);
        typist.command('sleep 1');
        return remains(machine.kernel);
      };
      typist.command(`/${path}`);
      const [once, again] = [left(), left()];
      return Object.keys(once).find((key) => !isDeepStrictEqual(once[key], again[key]));
    },
  };
}

/** Programs that fork for long: what storms leave behind test/guest/life/storm.test.ts tells sooner. */
const STORMS = new Set(['regress/sys/kern/fork', 'regress/sys/kern/tfork']);

/** All sessions. */
export function allSessions(): Session[] {
  const paths = regressPrograms().map(({ path }) => path);
  return [
    casesSession('test/guest/utility-cases.ts', utilityCases),
    casesSession('test/guest/ksh-cases.ts', kshCases),
    ...paths.map(regressSession),
    ...paths.filter((path) => !STORMS.has(path)).map(conservationSession),
  ];
}
