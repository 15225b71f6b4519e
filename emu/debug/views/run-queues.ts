import { type Kernel, listElements } from '../../kernel/index.ts';
import { definitions } from './table.ts';

/** The threads that wait for the processor, by queue. */
export interface RunQueues {
  readonly running: { readonly pid: number; readonly tid: number; readonly command: string } | undefined;
  /** `spc_whichqs`: bit n tells that queue n is not empty. */
  readonly whichqs: number;
  readonly runnable: number;
  readonly queues: readonly {
    readonly queue: number;
    readonly threads: readonly { readonly pid: number; readonly tid: number; readonly command: string }[];
  }[];
}

/** Throws KernelError. */
export function runQueues(kernel: Kernel): RunQueues | undefined {
  const state = kernel.cpuInfo()?.member('ci_schedstate');
  if (state === undefined) return undefined;
  const whichqs = state.number('spc_whichqs') >>> 0;
  const queues: RunQueues['queues'][number][] = [];
  for (let queue = 0; queue < 32; queue++) {
    const threads = [
      ...listElements(state.member(`spc_qs[${queue}]`), kernel.struct('proc'), 'p_runq'),
    ].flatMap((thread) => {
      const identity = kernel.identify(thread);
      return identity === undefined ? [] : [{ pid: identity.pid, tid: identity.tid, command: identity.comm }];
    });
    if (threads.length > 0) queues.push({ queue, threads });
  }
  const current = kernel.currentIdentity();
  const running = current && { pid: current.pid, tid: current.tid, command: current.comm };
  return { running, whichqs, runnable: state.number('spc_nrun'), queues };
}

export function renderRunQueues(view: RunQueues): string {
  const who = ({ pid, tid, command }: { pid: number; tid: number; command: string }): string =>
    `${command} (pid ${pid}, tid ${tid})`;
  return definitions([
    ['on the processor', view.running === undefined ? 'nobody' : who(view.running)],
    ['runnable', `${view.runnable}, spc_whichqs 0x${view.whichqs.toString(16)}`],
    ...view.queues.map(({ queue, threads }) => [`queue ${queue}`, threads.map(who).join(', ')] as const),
  ]);
}
