import { hex } from '../hexadecimal.ts';
import type { Findings } from './findings.ts';
import { PS_EXITING, PS_SYSTEM, PS_TRACED } from './flags.ts';
import { nameOf, type Population } from './population.ts';
import type { Structures } from './structures.ts';

const SIG_DFL = 0n;
const SIG_IGN = 1n;
const SIGKILL = 9;
const SIGSTOP = 17;
const SIGTSTP = 18;
const SIGCONT = 19;
const SIGTTIN = 21;
const SIGTTOU = 22;
/** sys/signalvar.h: a property in sigprop[]. */
const SA_IGNORE = 0x10;
const POINTER_SIZE = 8;
const INT_SIZE = 4;

/** A signal in a sigset_t. */
const bit = (signal: number): number => 1 << (signal - 1);
const NEVER_BLOCKED = bit(SIGKILL) | bit(SIGSTOP);
const STOP_SIGNALS = bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU);

/** What processes do about signals, which are held back, and which are pending. */
export function checkSignals(s: Structures, { living, threadsOf }: Population, findings: Findings): void {
  const byDefault = ignoredByDefault(s);
  const seen = new Set<bigint>();
  const flagsField = s.field('process', 'ps_flags');
  const actionsField = s.field('process', 'ps_sigacts');
  const processPending = s.field('process', 'ps_siglist');
  const ignoredField = s.field('sigacts', 'ps_sigignore');
  const maskField = s.field('proc', 'p_sigmask');
  const threadPending = s.field('proc', 'p_siglist');
  for (const process of living) {
    const flags = s.number(process, flagsField);
    // Its actions it may have given back.
    const exiting = (flags & PS_EXITING) !== 0;
    const actions = s.pointer(process, actionsField);
    if (!exiting && !seen.has(actions)) checkActions(s, actions, process, byDefault, findings);
    seen.add(actions);
    for (const thread of threadsOf.get(process) ?? []) {
      const mask = s.number(thread, maskField);
      const wrong = (kind: string, what: string): void =>
        findings.add(kind, `${nameOf(s, process)}: ${what}`);
      if ((mask & NEVER_BLOCKED) !== 0) {
        wrong('p_sigmask', `a thread holds back SIGKILL or SIGSTOP (p_sigmask ${hex(mask)})`);
      }
      if (exiting) continue;
      const pending = s.number(process, processPending) | s.number(thread, threadPending);
      if (pending === 0) continue;
      if ((flags & PS_SYSTEM) !== 0)
        wrong('pending signals', `a process of the kernel has the signals ${sets(pending)}`);
      if ((pending & STOP_SIGNALS) !== 0 && (pending & bit(SIGCONT)) !== 0)
        wrong('pending signals', `signals that stop it and SIGCONT are pending (${sets(pending)})`);
      const ignored = pending & s.number(actions, ignoredField);
      if ((flags & PS_TRACED) === 0 && ignored !== 0)
        wrong('pending signals', `signals are pending that are ignored (${sets(ignored)})`);
    }
  }
}

/** The signals whose default action is to do nothing, as a set. */
function ignoredByDefault(s: Structures): number {
  const properties = s.global('sigprop');
  let ignored = 0;
  for (let signal = 1; signal < signals(s); signal++) {
    if ((s.int(properties + BigInt(signal * INT_SIZE)) & SA_IGNORE) !== 0) ignored |= bit(signal);
  }
  return ignored;
}

/** The sets say what the table of actions says. */
function checkActions(
  s: Structures,
  actions: bigint,
  process: bigint,
  byDefault: number,
  findings: Findings,
): void {
  const table = actions + BigInt(s.field('sigacts', 'ps_sigact').offset);
  const masks = actions + BigInt(s.field('sigacts', 'ps_catchmask').offset);
  let caught = 0;
  let ignored = 0;
  for (let signal = 1; signal < signals(s); signal++) {
    const action = s.word(table + BigInt(signal * POINTER_SIZE));
    if (action === SIG_IGN || (action === SIG_DFL && (byDefault & bit(signal)) !== 0)) ignored |= bit(signal);
    else if (action !== SIG_DFL) caught |= bit(signal);
    if ((s.int(masks + BigInt(signal * INT_SIZE)) & NEVER_BLOCKED) !== 0) {
      findings.add(
        'ps_catchmask',
        `${nameOf(s, process)}: the handler of signal ${signal} holds back SIGKILL or SIGSTOP`,
      );
    }
  }
  const compare = (set: string, kept: number, wanted: number): void => {
    if (kept >>> 0 === wanted >>> 0) return;
    findings.add(
      set,
      `${nameOf(s, process)}: ${set} is ${sets(kept)}, and the actions make it ${sets(wanted)}`,
    );
  };
  compare('ps_sigcatch', s.number(actions, s.field('sigacts', 'ps_sigcatch')), caught);
  // Whether SIGCONT is in the set depends on who set its action.
  const kept = s.number(actions, s.field('sigacts', 'ps_sigignore'));
  compare('ps_sigignore', kept & ~bit(SIGCONT), ignored & ~bit(SIGCONT));
}

/** NSIG. */
function signals(s: Structures): number {
  return s.field('sigacts', 'ps_sigact').size / POINTER_SIZE;
}

const sets = (set: number): string => hex(set >>> 0);
