import type { Kernel, View } from '../../../../emu/index.ts';
import { type Findings, Tally } from './findings.ts';

const SIG_DFL = 0n;
const SIG_IGN = 1n;
const SIGNALS = 33;
const SIGKILL = 9;
const SIGSTOP = 17;
const SIGCONT = 19;
/** signalvar.h. */
const SA_IGNORE = 0x10;
const PS_TRACED = 0x200;
const PS_EXITING = 0x8;
const PS_SYSTEM = 0x1_0000;

const bit = (signal: number): number => (1 << (signal - 1)) >>> 0;
const CANNOT_BLOCK = bit(SIGKILL) | bit(SIGSTOP);
const STOP_SIGNALS = bit(SIGSTOP) | bit(18) | bit(21) | bit(22);

/** Looks at what all processes do about signals, and which are pending. */
export function auditSignals(kernel: Kernel, findings: Findings): void {
  const users = new Tally<bigint>();
  for (const process of kernel.processes()) {
    const flags = process.number('ps_flags');
    if ((flags & PS_EXITING) !== 0) continue;
    const name = `of pid ${process.number('ps_pid')}`;
    users.add(process.pointer('ps_sigacts'));
    const actions = process.at('ps_sigacts');
    auditActions(kernel, actions, name, findings);
    const ofProcess = process.number('ps_siglist');
    for (const thread of kernel.threadsOf(process)) {
      const mask = thread.number('p_sigmask');
      findings.equal(`what p_sigmask ${name} blocks that cannot be`, mask & CANNOT_BLOCK, 0);
      const pending = ofProcess | thread.number('p_siglist');
      if ((flags & PS_SYSTEM) !== 0) findings.equal(`signals for the kernel’s process ${name}`, pending, 0);
      findings.holds(
        `both stop signals and SIGCONT ${name} are pending`,
        (pending & STOP_SIGNALS) === 0 || (pending & bit(SIGCONT)) === 0,
      );
      if ((flags & PS_TRACED) === 0) {
        const ignored = pending & actions.number('ps_sigignore');
        findings.equal(`pending signals ${name} that are ignored`, ignored, 0);
      }
    }
  }
  auditSharing(kernel, users, findings);
}

/** The sets must say what the table of actions says. */
function auditActions(kernel: Kernel, actions: View, name: string, findings: Findings): void {
  const properties = kernel.global('sigprop');
  let caught = 0;
  let ignored = 0;
  for (let signal = 1; signal < SIGNALS; signal++) {
    const action = actions.integer(`ps_sigact[${signal}]`);
    const byDefault = (properties.number(`[${signal}]`) & SA_IGNORE) !== 0;
    if (action === SIG_IGN || (action === SIG_DFL && byDefault)) ignored |= bit(signal);
    else if (action !== SIG_DFL) caught |= bit(signal);
    const blocked = actions.number(`ps_catchmask[${signal}]`) & CANNOT_BLOCK;
    findings.equal(`what the handler of ${signal} ${name} blocks that cannot be`, blocked, 0);
  }
  const except = ~bit(SIGCONT);
  findings.equal(`ps_sigcatch ${name}`, actions.number('ps_sigcatch') >>> 0, caught >>> 0);
  findings.equal(
    `ps_sigignore ${name} but for SIGCONT`,
    (actions.number('ps_sigignore') & except) >>> 0,
    (ignored & except) >>> 0,
  );
}

function auditSharing(kernel: Kernel, users: Tally<bigint>, findings: Findings): void {
  for (const [address, count] of users) {
    const references = kernel.struct('sigacts').at(address).number('ps_refcnt');
    // Who exits has let go of them or not yet.
    findings.holds(`ps_refcnt of sigacts is ${references} for ${count} processes`, references >= count);
  }
}
