import { attempt } from '../debug/programs/programs.ts';
import { decodePFlag, type Kernel, type View } from '../kernel/index.ts';

/** Wait messages of OpenBSD's kernel: a read of a terminal (sys/kern/tty.c), and a wait for events, whose timers are their own. */
const TERMINAL_INPUT = 'ttyin';
const EVENTS = 'kqread';
/** sys/timeout.h: the timeout is on the due list. */
const TIMEOUT_ONQUEUE = 0x02;

/**
 * Who waits for the terminal when nothing else can ever happen, `pid 7 cat in ttyin`, each; undefined when something still can, or the
 * kernel cannot tell. To be asked when the processor is idle.
 */
export function awaitedInput(kernel: Kernel): string[] | undefined {
  return attempt(() => {
    const threads = [...kernel.threads()].filter((thread) => !isOfKernel(thread));
    const waiting = threads.filter((thread) => waitsFor(thread) === TERMINAL_INPUT);
    if (waiting.length === 0 || threads.some(mayWake)) return undefined;
    return waiting.map((thread) => {
      const who = kernel.identify(thread);
      return `pid ${who?.pid} ${who?.comm} in ${TERMINAL_INPUT}`;
    });
  });
}

function isOfKernel(thread: View): boolean {
  return decodePFlag(thread.number('p_flag')).includes('P_SYSTEM');
}

function waitsFor(thread: View): string | undefined {
  return thread.pointer('p_wchan') === 0n ? undefined : thread.text('p_wmesg');
}

/** Whether time alone can wake a thread: a limit of its sleep, an alarm of its process, an event's timer. */
function mayWake(thread: View): boolean {
  const limits = ['p_sleep_to.to_flags', 'p_p.ps_realit_to.to_flags'];
  return waitsFor(thread) === EVENTS || limits.some((path) => (thread.number(path) & TIMEOUT_ONQUEUE) !== 0);
}
