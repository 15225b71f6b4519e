import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError, runChild } from './child.ts';
import type { BenchContext } from './context.ts';
import { ensureGuest, GUEST } from './guest.ts';
import { type Line, line } from './line.ts';
import { findPeers, firstMissing } from './peers.ts';
import { Qemu } from './qemu.ts';
import { quotients, summarize } from './statistics.ts';
import type { BenchSteps } from './steps-child.ts';

/** Both sides single-step the guest from here on. */
export const FIRST_FUNCTION = 'main';
const GDB_STEPS = 1_000;
const TIMES_FASTER = 500;
const LIMIT_MILLISECONDS = 60_000;

/** After each step: the general registers, RIP with its symbol, RFLAGS. One `printf` is cheaper than `info registers`. */
const PRINT_REGISTERS = [
  'printf "%lx %lx %lx %lx %lx %lx %lx %lx %lx %lx %lx %lx %lx %lx %lx %lx %x\\n",',
  '$rax, $rbx, $rcx, $rdx, $rsi, $rdi, $rbp, $rsp, $r8, $r9, $r10, $r11, $r12, $r13, $r14, $r15, $eflags',
].join(' ');

/** Single steps with all registers and the name of the place, against gdb on QEMU. */
export async function benchSteps({ repetitions, progress }: BenchContext): Promise<Line[]> {
  await ensureGuest();
  const missing = firstMissing(findPeers.qemu(), findPeers.gdb());
  const puffer: BenchSteps[] = [];
  const gdbPrinting: number[] = [];
  const gdbPlain: number[] = [];
  for (let turn = 0; turn < repetitions; turn++) {
    progress(`steps: ${turn + 1} of ${repetitions}`);
    puffer.push(runChild<BenchSteps>('steps-child.js'));
    if (missing !== undefined) continue;
    gdbPrinting.push(await stepWithGdb(PRINT_REGISTERS));
    gdbPlain.push(await stepWithGdb(undefined));
  }
  const compare = (
    what: string,
    own: readonly number[],
    figures: readonly number[],
    more: Partial<Line>,
  ): Line =>
    line({
      group: 'steps',
      what,
      unit: 'steps/s',
      peer: 'gdb on QEMU',
      puffer: summarize(own),
      ...more,
      ...(missing === undefined
        ? { peerFigure: summarize(figures), ratio: summarize(quotients(own, figures)) }
        : { note: missing }),
    });
  const looking = puffer.map((one) => one.withRegistersAndSymbol);
  return [
    compare('single steps, registers and symbol', looking, gdbPrinting, {
      target: { kind: 'ratio', atLeast: TIMES_FASTER },
      note: PRINTING,
    }),
    compare('the same against plain stepi', looking, gdbPlain, { note: PLAIN }),
    compare(
      'plain single steps',
      puffer.map((one) => one.plain),
      gdbPlain,
      { note: PLAIN },
    ),
  ];
}

const PRINTING =
  'after each step 16 registers, rip with its symbol, rflags; gdb: stepi (which prints the place) and one printf of the registers';
const PLAIN = 'gdb: stepi alone, which reads all registers from the stub and prints the place';

/** Steps a second that gdb makes on QEMU, by the wall clock between two marks in its output. Throws BenchError. */
async function stepWithGdb(afterEach: string | undefined): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'puffer-bench-'));
  const stub = join(directory, 'stub');
  const qemu = new Qemu({ ...GUEST, counted: true, more: ['-S', '-gdb', `unix:${stub},server=on,wait=off`] });
  try {
    const script = join(directory, 'script');
    const step = afterEach === undefined ? 'stepi' : `stepi\n${afterEach}`;
    writeFileSync(
      script,
      [
        'set pagination off',
        'set confirm off',
        'set tcp connect-timeout 30',
        `target remote ${stub}`,
        `hbreak ${FIRST_FUNCTION}`,
        'continue',
        `echo ${MARK}\\n`,
        ...new Array<string>(GDB_STEPS).fill(step),
        `echo ${MARK}\\n`,
        'kill',
        '',
      ].join('\n'),
    );
    await qemu.listening(stub);
    return GDB_STEPS / (await secondsBetweenMarks(['-nx', '-q', '-batch', '-x', script, GUEST.kernel]));
  } finally {
    await qemu.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const MARK = 'puffer-bench-mark';

async function secondsBetweenMarks(operands: readonly string[]): Promise<number> {
  const gdb = spawn('gdb', operands, { stdio: ['ignore', 'pipe', 'pipe'] });
  const watchdog = setTimeout(() => gdb.kill('SIGKILL'), LIMIT_MILLISECONDS);
  const marks: number[] = [];
  let output = '';
  let tail = '';
  gdb.stdout.on('data', (chunk: Buffer) => {
    const text = chunk.toString('latin1');
    output = (output + text).slice(-OUTPUT_KEPT);
    // A mark may come in two pieces.
    tail += text;
    for (let at = tail.indexOf(MARK); at >= 0; at = tail.indexOf(MARK)) {
      marks.push(performance.now());
      tail = tail.slice(at + MARK.length);
    }
    tail = tail.slice(-MARK.length);
  });
  gdb.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString('latin1')).slice(-OUTPUT_KEPT);
  });
  await new Promise((resolve) => gdb.on('close', resolve));
  clearTimeout(watchdog);
  const [first, second] = marks;
  if (first === undefined || second === undefined) throw new BenchError(`gdb did not step: ${output}`);
  return (second - first) / 1000;
}

const OUTPUT_KEPT = 2_000;
