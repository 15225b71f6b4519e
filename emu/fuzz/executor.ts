import { changedCounts, type KernelCounts, kernelCounts } from '../kernel/census/index.ts';
import { checkConsistency, type Inconsistency, Structures } from '../kernel/consistency/index.ts';
import { backtrace, formatFrame } from '../kernel/index.ts';
import type { Snapshot } from '../machine/index.ts';
import type { BootedGuest } from '../vitest/booted-guest.ts';
import { Call, call, forking } from '../vitest/scratch/calls.ts';
import {
  CALL_TOUCH,
  PAGE_SIZE,
  SCRATCH_DATA,
  SCRATCH_DATA_SIZE,
  SCRATCH_GUARDED,
} from '../vitest/scratch/layout.ts';
import { KernelCoverage } from './coverage.ts';
import { encodeCalls } from './encode.ts';
import { FuzzError } from './errors.ts';
import { FaultInjector } from './fault.ts';
import { type Finding, withoutNumbers } from './findings.ts';
import { Leftovers } from './leftovers.ts';
import { LivingCheck } from './living-check.ts';
import type { FuzzProgram } from './program.ts';
import { type InterruptedCall, type RunEnd, ScratchRunner } from './scratch-runner.ts';

const SIGALRM = 14;
const SIGKILL = 9;
const PT_KILL = 8;
const WNOHANG = 1;
/** A program's time: µs of the guest. Whoever waits for ever costs no more than some ticks then, and whoever runs in a circle some million steps. */
const TIME_LIMIT = 60_000n;
/** ns that the kernel gets to clean up. */
const SETTLING = 30_000_000n;
/** Characters that only a large write prints. */
const MUCH_OUTPUT = 1 << 16;
const CLEANING_ROUNDS = 6;
/** Users that programs may become: the kernel remembers each for ever, so that all are known before anything is counted. */
const USERS = [1000, 32_767];

/** Pages that programs' arguments lie in: the process must have them for itself again after its children. */
const TOUCHES: readonly Call[] = [
  ...Array.from(
    { length: SCRATCH_DATA_SIZE / PAGE_SIZE },
    (_, index) => SCRATCH_DATA + BigInt(index * PAGE_SIZE),
  ),
  SCRATCH_GUARDED,
].map((page) => new Call(Number(CALL_TOUCH), [page]));

/** What became of a program. */
export interface Execution {
  readonly findings: readonly Finding[];
  /** What it did in the kernel that no program had done before: see KernelCoverage. */
  readonly fresh: readonly number[];
  /** Steps it took. */
  readonly steps: number;
}

/** Runs programs in a guest, each from the same moment on, and looks at what they leave behind. */
export class Executor {
  readonly #runner: ScratchRunner;
  readonly #structures: Structures;
  readonly #coverage: KernelCoverage;
  readonly #context: { readonly handler: bigint; readonly kernel: bigint };
  /** Where programs begin. */
  readonly #snapshot: Snapshot;
  /** The guest as it was given. */
  readonly #before: Snapshot;
  readonly #leftovers: Leftovers;
  readonly #counts: KernelCounts;
  readonly #faults: FaultInjector;
  readonly #living: LivingCheck;
  #steps = 0;

  /** Prepares a guest that stands at its prompt. Throws FuzzError 'not-in-order' when it contradicts itself by itself. */
  constructor(guest: BootedGuest) {
    const { machine } = guest;
    const { user } = guest.scratch;
    this.#context = { handler: user.handler.address, kernel: user.ofKernel.address };
    this.#structures = new Structures(machine.kernel);
    this.#runner = new ScratchRunner(guest);
    this.#faults = new FaultInjector(machine);
    this.#living = new LivingCheck(machine, this.#structures);
    this.#before = machine.snapshot();
    this.#warmUp();
    this.#structures.forget();
    this.#leftovers = new Leftovers(this.#structures);
    this.#counts = kernelCounts(this.#structures);
    this.#snapshot = machine.snapshot();
    const findings = this.#inOrder();
    if (findings.length > 0) {
      this.dispose();
      throw new FuzzError(
        'not-in-order',
        `the guest is not in order before any program has run:\n${findings.map(({ message }) => `  ${message}`).join('\n')}`,
      );
    }
    this.#coverage = new KernelCoverage(machine.image);
    machine.cpu.countExecutions(this.#coverage);
  }

  get coverage(): KernelCoverage {
    return this.#coverage;
  }

  /** Steps that all programs took. */
  get steps(): number {
    return this.#steps;
  }

  /** The guest can be used for something else again. */
  dispose(): void {
    const { machine } = this.#runner.guest;
    machine.cpu.countExecutions(undefined);
    this.#faults.dispose();
    this.#living.dispose();
    this.#runner.dispose();
    machine.restore(this.#before);
  }

  /** Runs a program from the moment that all begin at. */
  execute(program: FuzzProgram): Execution {
    const { guest } = this.#runner;
    const { machine } = guest;
    machine.restore(this.#snapshot);
    guest.clearOutput();
    this.#runner.reset();
    this.#structures.forget();
    const begun = machine.position;
    const { calls, byId, memory } = encodeCalls(program, this.#context);
    for (const { address, bytes } of memory) this.#runner.write(address, bytes);
    const found: Finding[] = [];
    this.#living.begin();
    this.#faults.arm(program.fault, (process) => !this.#leftovers.isOld(process));
    const { interrupt } = program;
    const interrupted = interrupt && byId.get(interrupt.call);
    const end = this.#run(calls, interrupted && { call: interrupted, interrupt });
    this.#faults.disarm();
    for (const one of this.#living.end()) found.push(inconsistent(one));
    found.push(...(end === 'parked' ? this.#cleanUp() : this.#ended(end)));
    machine.cpu.readExecutionCounts();
    const steps = machine.position - begun;
    this.#steps += steps;
    return { findings: unique(found), fresh: this.#coverage.takeFresh(), steps };
  }

  /** The program's process, and what ends it when it does not end by itself. */
  #run(calls: readonly Call[], interrupted?: InterruptedCall): RunEnd {
    const timer = (microseconds: bigint): Call => call('setitimer', 0, words(0n, 0n, 0n, microseconds), null);
    const child = forking('fork', calls);
    const all = [
      timer(TIME_LIMIT),
      child,
      call('wait4', child, null, 0, null),
      timer(0n),
      call('nanosleep', words(0n, SETTLING), null),
    ];
    return this.#runner.run(all, interrupted);
  }

  /** Ends what is left, and looks whether everything is as it was. */
  #cleanUp(): Finding[] {
    this.#structures.forget();
    for (let round = 0; round < CLEANING_ROUNDS; round++) {
      const pids = this.#leftovers.processes();
      if (pids.length === 0) break;
      const end = this.#runner.run([
        ...pids.flatMap(killing),
        call('nanosleep', words(0n, SETTLING), null),
        ...pids.map(() => call('wait4', -1, null, WNOHANG, null)),
      ]);
      if (end !== 'parked') return this.#ended(end);
      this.#structures.forget();
    }
    const left = this.#leftovers.processes();
    // What it holds is no leak besides.
    if (left.length > 0 && this.#leftovers.heldByInit()) return this.#damage();
    if (left.length > 0) return [this.#unkillable(left[0] as number), ...this.#damage()];
    // Files show in the counts: most programs leave none.
    if (changedCounts(this.#counts, kernelCounts(this.#structures)).length === 0) return this.#inOrder();
    const { calls, altered } = this.#leftovers.removing();
    if (calls.length > 0) {
      const end = this.#runner.run([...calls]);
      if (end !== 'parked') return this.#ended(end);
    }
    return this.#inOrder(altered);
  }

  #inOrder(altered = false): Finding[] {
    const findings = checkConsistency(this.#structures).map(inconsistent);
    if (altered) return findings;
    const changed = changedCounts(this.#counts, kernelCounts(this.#structures));
    if (changed.length === 0) return findings;
    return [
      ...findings,
      {
        oracle: 'leak',
        key: `leak of ${changed.map(({ name, up }) => `${up ? '+' : '-'}${name}`).join(', ')}`,
        message: `after all of the program's processes are gone: ${changed.map(({ text }) => text).join('; ')}`,
      },
    ];
  }

  /** A run that did not come back. */
  #ended(end: RunEnd): Finding[] {
    const { panic } = this.#runner;
    if (panic !== undefined) {
      const path = panic.functions.slice(0, 6).join(' < ');
      return [
        {
          oracle: 'panic',
          key: `panic ${withoutNumbers(panic.message)} in ${path}`,
          message: panic.message,
          stack: panic.stack,
        },
      ];
    }
    this.#structures.forget();
    // A program may write as much as its memory holds to a terminal that takes everything at once: that takes long, and is no hang.
    if (end === 'steps' && this.#runner.guest.output.length >= MUCH_OUTPUT) return this.#damage();
    const wait = this.#waitMessage();
    const how =
      end === 'steps' ? 'the kernel does not come to rest' : `the program's parent waits for ever${wait}`;
    const stack = backtrace(this.#runner.guest.machine.kernel).map(formatFrame);
    return [...this.#damage(), { oracle: 'hang', key: `hang: ${how}`, message: how, stack }];
  }

  #damage(): Finding[] {
    return checkConsistency(this.#structures, { settled: false, inUserMode: false }).map(inconsistent);
  }

  #unkillable(pid: number): Finding {
    const { kernel } = this.#runner.guest.machine;
    const all = [...kernel.processes(), ...kernel.zombies()];
    const process = all.find((one) => one.number('ps_pid') === pid);
    const [thread] = process === undefined ? [] : [...kernel.threadsOf(process)];
    const stat = thread?.number('p_stat') ?? 'none';
    const wait = thread?.text('p_wmesg') ?? '';
    const flags = process?.number('ps_flags') ?? 0;
    return {
      oracle: 'unkillable',
      key: `unkillable: p_stat ${stat}, waits for "${wait}"`,
      message: `process ${pid} is still there after SIGKILL: p_stat ${stat}, wait message "${wait}", ps_flags 0x${flags.toString(16)}`,
    };
  }

  #waitMessage(): string {
    const thread = this.#runner.guest.machine.kernel.struct('proc').at(this.#runner.thread);
    const text = thread.text('p_wmesg');
    return text === undefined ? '' : ` for "${text}"`;
  }

  /** What the kernel makes once and keeps is made before anything is counted. */
  #warmUp(): void {
    const handler = words(this.#context.handler, 0n);
    const users = USERS.flatMap((uid) => {
      const child = forking('fork', [call('setuid', uid)]);
      return [child, call('wait4', child, null, 0, null)];
    });
    const end = this.#runner.run([call('sigaction', SIGALRM, handler, null), ...users]);
    const once = end === 'parked' ? this.#run([call('getpid')]) : end;
    const again = once === 'parked' ? this.#runner.run(TOUCHES) : once;
    if (again !== 'parked')
      throw new FuzzError('bad-guest', `the scratch process does not come back (${again})`);
    this.#runner.reset();
  }
}

/** A process ends, even one that this one debugs and has stopped. */
function killing(pid: number): Call[] {
  return [call('ptrace', PT_KILL, pid, null, 0), call('kill', pid, SIGKILL)];
}

function inconsistent({ kind, message }: Inconsistency): Finding {
  return { oracle: 'consistency', key: kind, message };
}

function unique(findings: readonly Finding[]): Finding[] {
  const keys = new Set<string>();
  return findings.filter(({ key }) => !keys.has(key) && keys.add(key) !== undefined);
}

/** Words of 64 bits, the lowest byte first. */
function words(...values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view.setBigUint64(8 * index, value, true);
  });
  return bytes;
}

/** Runs one program in a guest that stands at its prompt: for tests. Throws FuzzError 'bad-guest'. */
export function executeProgram(guest: BootedGuest, program: FuzzProgram): Execution {
  const executor = new Executor(guest);
  try {
    return executor.execute(program);
  } finally {
    executor.dispose();
  }
}
