import type { Structures } from '../kernel/consistency/index.ts';
import { type Call, call } from '../vitest/scratch/calls.ts';

const PS_TRACED = 0x200;
const PS_ZOMBIE = 0x4_0000;
const VDIR = 2;
const WORD = 8;
const DEPTH_LIMIT = 64;

/** A file of the guest's root file system. */
interface FileState {
  readonly node: bigint;
  readonly directory: boolean;
  /** What changes when somebody writes to it. */
  readonly state: string;
}

/** Processes and files that programs leave behind, found in the kernel's own structures, and the calls that take them away. */
export class Leftovers {
  readonly #s: Structures;
  readonly #processes: ReadonlySet<number>;
  readonly #old: ReadonlySet<bigint>;
  readonly #files: ReadonlyMap<string, FileState>;

  /** What there is now is no leftover. */
  constructor(structures: Structures) {
    this.#s = structures;
    structures.forget();
    this.#processes = new Set(this.#pids());
    this.#old = new Set(this.#addresses());
    this.#files = this.#tree();
  }

  /** Pids that were not there. */
  processes(): number[] {
    return this.#pids().filter((pid) => !this.#processes.has(pid));
  }

  /** Whether a struct process was there at the beginning. */
  isOld(process: bigint): boolean {
    return this.#old.has(process);
  }

  /**
   * A process that a debugger has stopped does not die of SIGKILL: the debugger must let it. Init is one that never does; then the
   * process's dead children stay, too.
   */
  heldByInit(): boolean {
    const s = this.#s;
    const init = s.word(s.global('initprocess'));
    return this.#addresses().every(
      (process) =>
        this.#old.has(process) ||
        (s.number(process, s.field('process', 'ps_flags')) & PS_ZOMBIE) !== 0 ||
        ((s.number(process, s.field('process', 'ps_flags')) & PS_TRACED) !== 0 &&
          s.pointer(process, s.field('process', 'ps_pptr')) === init),
    );
  }

  /** Removes the files that were not there, directories behind what is in them; `altered`: a file of the beginning is not as it was. */
  removing(): { readonly calls: readonly Call[]; readonly altered: boolean } {
    const now = this.#tree();
    const calls: Call[] = [];
    for (const [path, file] of [...now].reverse()) {
      if (this.#files.get(path)?.node === file.node) continue;
      calls.push(call(file.directory ? 'rmdir' : 'unlink', pathBytes(path)));
    }
    const altered = [...this.#files].some(([path, { state }]) => now.get(path)?.state !== state);
    return { calls, altered };
  }

  #pids(): number[] {
    const pid = this.#s.field('process', 'ps_pid');
    return this.#addresses().map((process) => this.#s.number(process, pid));
  }

  /** Living processes and zombies. */
  #addresses(): bigint[] {
    const link = BigInt(this.#s.field('process', 'ps_list').offset);
    const all: bigint[] = [];
    for (const list of ['allprocess', 'zombprocess']) {
      let process = this.#s.word(this.#s.global(list));
      for (let left = DEPTH_LIMIT * DEPTH_LIMIT; process !== 0n && left > 0; left--) {
        all.push(process);
        process = this.#s.word(process + link);
      }
    }
    return all;
  }

  /** Every file by path, a directory before what is in it. */
  #tree(): Map<string, FileState> {
    const s = this.#s;
    const root = s.word(s.global('rootvnode'));
    const files = new Map<string, FileState>();
    this.#directory(s.pointer(root, s.field('vnode', 'v_data')), '', files, 0);
    return files;
  }

  #directory(node: bigint, path: string, files: Map<string, FileState>, depth: number): void {
    const s = this.#s;
    if (depth > DEPTH_LIMIT) return;
    const field = (name: string) => s.field('tmpfs_node', name);
    let entry = s.word(node + BigInt(field('tn_spec').offset + WORD));
    while (entry !== 0n) {
      const child = s.pointer(entry, s.field('tmpfs_dirent', 'td_node'));
      const name = this.#name(entry);
      const directory = s.number(child, field('tn_type')) === VDIR;
      const size = s.number(child, field('tn_size'));
      const links = s.number(child, field('tn_links'));
      // A third word of the union: how many pages a file has.
      const pages = directory
        ? 0
        : s.number(child, { ...field('tn_spec'), offset: field('tn_spec').offset + 2 * WORD, size: WORD });
      const full = `${path}/${name}`;
      files.set(full, {
        node: child,
        directory,
        state: directory ? '' : `${child} ${size} ${links} ${pages}`,
      });
      if (directory) this.#directory(child, full, files, depth + 1);
      entry = s.word(entry + BigInt(s.field('tmpfs_dirent', 'td_entries').offset));
    }
  }

  #name(entry: bigint): string {
    const s = this.#s;
    const length = s.number(entry, s.field('tmpfs_dirent', 'td_namelen'));
    const at = s.pointer(entry, s.field('tmpfs_dirent', 'td_name'));
    // A name need not be text: each byte is a letter of its own here.
    return String.fromCharCode(...s.kernel.memory.read(at, length));
  }
}

function pathBytes(path: string): Uint8Array {
  return Uint8Array.from([...path, '\0'], (letter) => letter.charCodeAt(0));
}
