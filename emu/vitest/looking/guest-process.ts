import { decodePFlag, decodePsFlags, type Kernel, threadStateName, type View } from '../../kernel/index.ts';
import { type NamedView, namedView } from './named-view.ts';

/** A process of the guest, and the kernel's structures that make it, their members by name among them. Each is read anew when it is asked for. */
export class GuestProcess {
  /** struct process. */
  readonly process: NamedView;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel, process: View) {
    this.#kernel = kernel;
    this.process = namedView(process);
  }

  get pid(): number {
    return this.process.number('ps_pid');
  }

  get command(): string {
    return this.process.text('ps_comm') ?? '';
  }

  /** `ps_flags` by name. */
  get flags(): string[] {
    return decodePsFlags(this.process.number('ps_flags'));
  }

  /** Its struct procs, the newest last. */
  get threads(): NamedView[] {
    return [...this.#kernel.threadsOf(this.process)].map(namedView);
  }

  /** The struct proc of its first thread. */
  get thread(): NamedView {
    return namedView(this.process.at('ps_mainproc'));
  }

  /** `p_stat` of its first thread: `SSLEEP`. */
  get state(): string {
    return threadStateName(this.thread.number('p_stat'));
  }

  /** `p_flag` of its first thread by name. */
  get threadFlags(): string[] {
    return decodePFlag(this.thread.number('p_flag'));
  }

  /** What its first thread sleeps for; undefined when it does not. */
  get waitsFor(): string | undefined {
    return this.thread.pointer('p_wchan') === 0n ? undefined : this.thread.text('p_wmesg');
  }

  /** struct pcb of its first thread. */
  get pcb(): NamedView {
    return namedView(this.thread.at('p_addr').member('u_pcb'));
  }

  /** The registers with which its first thread last came from user mode. */
  get trapframe(): NamedView {
    return namedView(this.thread.at('p_md').at('md_regs'));
  }

  /** struct vmspace. */
  get vmspace(): NamedView {
    return namedView(this.process.at('ps_vmspace'));
  }

  /** struct ucred. */
  get credentials(): NamedView {
    return namedView(this.process.at('ps_ucred'));
  }

  /** struct plimit. */
  get limits(): NamedView {
    return namedView(this.process.at('ps_limit'));
  }

  /** struct filedesc. */
  get files(): NamedView {
    return namedView(this.process.at('ps_fd'));
  }

  /** Its children, the newest first. */
  get children(): GuestProcess[] {
    return [...this.#kernel.childrenOf(this.process)].map((child) => new GuestProcess(this.#kernel, child));
  }
}

/** The process with a pid, zombies among them; undefined when there is none. */
export function processOf(kernel: Kernel, pid: number): GuestProcess | undefined {
  for (const list of [kernel.processes(), kernel.zombies()]) {
    for (const process of list)
      if (process.number('ps_pid') === pid) return new GuestProcess(kernel, process);
  }
  return undefined;
}
