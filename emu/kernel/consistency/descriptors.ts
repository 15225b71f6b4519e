import { hex } from '../hexadecimal.ts';
import { type Findings, refer } from './findings.ts';
import { listMembers, tailqMembers } from './lists.ts';
import { nameOf, type Population } from './population.ts';
import type { Structures } from './structures.ts';

const POINTER_SIZE = 8;
const LOMAP_BITS = 32;
const DTYPE_PIPE = 3;
const KN_QUEUED = 0x02;
/** No note, but a place in the queue of a scan in progress. */
const KN_MARKER = 0x20;

/** Open files and the tables that hold them. */
export interface FileTables {
  /** `filehead`. */
  readonly files: readonly bigint[];
  /** Descriptor tables, and how many processes share each. */
  readonly descriptors: ReadonlyMap<bigint, number>;
}

/** Descriptor tables, open files, pipes and kqueues. */
export function checkDescriptors(
  s: Structures,
  population: Population,
  findings: Findings,
  exact: boolean,
): FileTables {
  const files = listMembers(
    s,
    { name: 'filehead', head: s.global('filehead'), link: s.field('file', 'f_list').offset },
    findings,
  );
  findings.compare('numfiles', 'numfiles', s.int(s.global('numfiles')), files.length);
  const descriptors = new Map<bigint, number>();
  const references = new Map<bigint, number>(files.map((file) => [file, 0]));
  const threadTable = s.field('proc', 'p_fd');
  const table = s.field('process', 'ps_fd');
  for (const process of population.living) {
    const threads = population.threadsOf.get(process) ?? [];
    // An exiting process has given its table back: its threads say so.
    if (!threads.some((thread) => s.pointer(thread, threadTable) !== 0n)) continue;
    const at = s.pointer(process, table);
    if (at === 0n) continue;
    if (!descriptors.has(at)) checkTable(s, at, nameOf(s, process), references, findings);
    refer(descriptors, at);
  }
  findings.references('filedesc', descriptors, (at) => s.number(at, s.field('filedesc', 'fd_refcnt')), true);
  for (const at of descriptors.keys()) checkKqueues(s, at, references, findings);
  const known = new Set(files);
  for (const file of references.keys()) {
    if (known.has(file)) continue;
    findings.add('file', `a descriptor refers to ${hex(file)}, which is no open file`);
    references.delete(file);
  }
  const count = s.field('file', 'f_count');
  findings.references('file', references, (at) => s.number(at, count), exact);
  // In a system call a thread holds a file at the most.
  const most = population.threads.length;
  for (const [file, found] of references) {
    const kept = s.number(file, count);
    if (kept > found + most) {
      findings.add(
        'references of file',
        `the file at ${hex(file)} counts ${kept} references, and ${found} were found`,
      );
    }
  }
  checkPipes(s, files, findings, exact);
  return { files, descriptors };
}

/** Bitmaps, counts and slots of one table. */
function checkTable(
  s: Structures,
  at: bigint,
  owner: string,
  references: Map<bigint, number>,
  findings: Findings,
): void {
  const field = (path: string) => s.field('filedesc', path);
  const slots = s.number(at, field('fd_nfiles'));
  const files = s.pointer(at, field('fd_ofiles'));
  const bitmap = s.pointer(at, field('fd_lomap'));
  let open = 0;
  let last = -1;
  let firstFree = slots;
  for (let fd = 0; fd < slots; fd++) {
    const file = s.word(files + BigInt(fd * POINTER_SIZE));
    const word = s.int(bitmap + BigInt((fd >>> 5) * 4));
    const used = ((word >>> (fd % LOMAP_BITS)) & 1) !== 0;
    if (used !== (file !== 0n)) {
      findings.add(
        'descriptor table',
        `${owner}: descriptor ${fd} is ${used ? 'not open, and in use' : 'open, and free'} in fd_lomap`,
      );
    }
    refer(references, file);
    if (used) {
      open++;
      last = fd;
    } else if (firstFree === slots) firstFree = fd;
  }
  findings.compare('fd_openfd', `${owner}: fd_openfd`, s.number(at, field('fd_openfd')), open);
  if (s.number(at, field('fd_lastfile')) !== last) {
    findings.add(
      'fd_lastfile',
      `${owner}: fd_lastfile is ${s.number(at, field('fd_lastfile'))}, the last in use is ${last}`,
    );
  }
  if (s.number(at, field('fd_freefile')) > firstFree) {
    findings.add(
      'fd_freefile',
      `${owner}: fd_freefile is ${s.number(at, field('fd_freefile'))}, but ${firstFree} is free`,
    );
  }
}

/** Both ends of a pipe know each other. */
function checkPipes(s: Structures, files: readonly bigint[], findings: Findings, exact: boolean): void {
  const peer = s.field('pipe', 'pipe_peer');
  const pipes = new Set<bigint>();
  for (const file of files) {
    if (s.number(file, s.field('file', 'f_type')) !== DTYPE_PIPE) continue;
    pipes.add(s.pointer(file, s.field('file', 'f_data')));
  }
  // Of the file that is being closed: it waits for whoever is inside, and has no pipe any more.
  pipes.delete(0n);
  for (const pipe of pipes) {
    const other = s.pointer(pipe, peer);
    if (other !== 0n && s.pointer(other, peer) !== pipe) {
      findings.add('pipe', `the pipe end at ${hex(pipe)} has a peer at ${hex(other)} that knows it not`);
    }
  }
  if (exact) findings.compare('npipes', 'npipes', s.int(s.global('npipes')), pipes.size);
}

/** The notes of the kqueues of a table. */
function checkKqueues(
  s: Structures,
  table: bigint,
  references: Map<bigint, number>,
  findings: Findings,
): void {
  const kqueues = listMembers(
    s,
    {
      name: 'fd_kqlist',
      head: table + BigInt(s.field('filedesc', 'fd_kqlist').offset),
      link: s.field('kqueue', 'kq_next').offset,
    },
    findings,
  );
  for (const kqueue of kqueues) {
    const status = s.field('knote', 'kn_status');
    const queue = tailqMembers(
      s,
      {
        name: 'kq_head',
        head: kqueue + BigInt(s.field('kqueue', 'kq_head').offset),
        link: s.field('knote', 'kn_tqe').offset,
      },
      findings,
    );
    const queued = queue.filter((note) => (s.number(note, status) & KN_MARKER) === 0);
    findings.compare('kq_count', 'kq_count', s.number(kqueue, s.field('kqueue', 'kq_count')), queued.length);
    const notes = new Set<bigint>();
    const chainsCount = s.field('kqueue', 'kq_notes').size / POINTER_SIZE;
    for (let index = 0; index < chainsCount; index++) {
      const head = kqueue + BigInt(s.field('kqueue', 'kq_notes').offset + index * POINTER_SIZE);
      const place = { name: 'kq_notes', head, link: s.field('knote', 'kn_link').offset };
      for (const note of listMembers(s, place, findings)) {
        notes.add(note);
        if (s.pointer(note, s.field('knote', 'kn_kq')) !== kqueue) {
          findings.add('knote', `the note at ${hex(note)} is of another kqueue`);
        }
        const filter = s.pointer(note, s.field('knote', 'kn_fop'));
        if (s.number(filter, s.field('filterops', 'f_isfd')) !== 0) {
          refer(references, s.pointer(note, s.field('knote', 'kn_ptr')));
        }
      }
    }
    for (const note of queued) {
      if (!notes.has(note)) {
        findings.add('knote', `the note at ${hex(note)} is queued, and is none of the kqueue's notes`);
      }
      if ((s.number(note, status) & KN_QUEUED) === 0) {
        findings.add('knote', `the note at ${hex(note)} is queued and says it is not`);
      }
    }
  }
}
