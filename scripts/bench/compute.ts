import type { BenchContext } from './context.ts';
import { type Line, line, type Target } from './line.ts';
import { assemble, type Loop, loops } from './loops.ts';
import { findPeers, firstMissing } from './peers.ts';
import { PufferLoop } from './puffer-loop.ts';
import { QemuLoops } from './qemu-loops.ts';
import { quotients, summarize } from './statistics.ts';
import { UnicornLoop } from './unicorn-loop.ts';

const MILLION = 1e6;
/** Unicorn counts by a callback per instruction: a part of the loop is enough to know its speed. */
const COUNTED_STEPS = 10_000_000;
const SPEED = 'MIPS';
const TARGET: Target = { kind: 'ratio', atLeast: 1 };

/** Speeds in MIPS, one figure a repetition. */
interface Speeds {
  readonly puffer: number[];
  /** By the wall clock, as the speeds of another process have to be. */
  readonly pufferWall: number[];
  readonly unicornCounted: number[];
  readonly unicornFree: number[];
  readonly qemuCounted: number[];
  readonly qemuFree: number[];
}

const noSpeeds = (): Speeds => ({
  puffer: [],
  pufferWall: [],
  unicornCounted: [],
  unicornFree: [],
  qemuCounted: [],
  qemuFree: [],
});

/** The three loops in puffer's interpreter tier, native Unicorn and QEMU. */
export async function benchLoops({ repetitions, progress }: BenchContext): Promise<Line[]> {
  const assembler = findPeers.assembler();
  if (assembler.missing !== undefined) {
    return [
      line({
        group: 'loops',
        what: 'all loops',
        unit: SPEED,
        peer: '',
        target: TARGET,
        note: assembler.missing,
      }),
    ];
  }
  const noUnicorn = firstMissing(findPeers.unicorn());
  const noQemu = firstMissing(findPeers.qemu());
  const speeds = loops.map(noSpeeds);
  const qemu = noQemu === undefined ? new QemuLoops(loops) : undefined;
  try {
    const codes = loops.map(({ source }) => assemble(source));
    progress('loops: warming up');
    const machines = codes.map((code) => new PufferLoop(code));
    machines.forEach(({ steps }, index) => {
      checkSteps(loops[index] as Loop, steps);
    });
    for (let turn = 0; turn < repetitions; turn++) {
      loops.forEach(({ name, steps }, index) => {
        progress(`loops: ${name}, ${turn + 1} of ${repetitions}`);
        const into = speeds[index] as Speeds;
        const own = (machines[index] as PufferLoop).time();
        into.puffer.push(steps / own.cpu / MILLION);
        into.pufferWall.push(steps / own.wall / MILLION);
        if (noUnicorn === undefined) unicornTurn(codes[index] as Uint8Array, steps, into);
      });
      if (qemu === undefined) continue;
      progress(`loops: QEMU, ${turn + 1} of ${repetitions}`);
      const counted = await qemu.time(true);
      const free = await qemu.time(false);
      loops.forEach(({ steps }, index) => {
        speeds[index]?.qemuCounted.push(steps / (counted[index] as number) / MILLION);
        speeds[index]?.qemuFree.push(steps / (free[index] as number) / MILLION);
      });
    }
  } finally {
    qemu?.close();
  }
  return loops.flatMap(({ name }, index) => report(name, speeds[index] as Speeds, noUnicorn, noQemu));
}

/** The step counts in `loops.ts` are calculated; puffer's exact position proves them. */
function checkSteps(loop: Loop, steps: number): void {
  if (steps !== loop.steps) throw new RangeError(`${loop.name} takes ${steps} steps, not ${loop.steps}`);
}

function unicornTurn(code: Uint8Array, steps: number, into: Speeds): void {
  const unicorn = new UnicornLoop(code);
  try {
    into.unicornFree.push(steps / unicorn.time().cpu / MILLION);
  } finally {
    unicorn.close();
  }
  // An engine of its own: once counted, an engine keeps its hook.
  const counting = new UnicornLoop(code);
  try {
    into.unicornCounted.push(COUNTED_STEPS / counting.time(COUNTED_STEPS).cpu / MILLION);
  } finally {
    counting.close();
  }
}

function report(
  name: string,
  speeds: Speeds,
  noUnicorn: string | undefined,
  noQemu: string | undefined,
): Line[] {
  const compare = (
    what: string,
    own: readonly number[],
    peer: string,
    figures: readonly number[],
    missing: string | undefined,
    more: Partial<Line>,
  ): Line =>
    line({
      group: 'loops',
      what: `${name}${what}`,
      unit: SPEED,
      peer,
      puffer: summarize(own),
      ...more,
      ...(missing === undefined
        ? { peerFigure: summarize(figures), ratio: summarize(quotients(own, figures)) }
        : { note: missing }),
    });
  const { puffer, pufferWall } = speeds;
  return [
    compare('', puffer, 'Unicorn counting', speeds.unicornCounted, noUnicorn, {
      target: TARGET,
      note: CPU_TIME,
    }),
    compare('', puffer, 'Unicorn free', speeds.unicornFree, noUnicorn, { note: FREE }),
    compare('', pufferWall, 'QEMU -icount', speeds.qemuCounted, noQemu, { note: WALL }),
    compare('', pufferWall, 'QEMU free', speeds.qemuFree, noQemu, { note: WALL }),
  ];
}

const CPU_TIME =
  'interpreter tier, which counts every step exactly, against uc_emu_start with an instruction count; both by CPU time';
const FREE = 'the same against uc_emu_start without a count, which cannot stop at a given instruction';
const WALL = 'against system emulation by TCG in 64-bit mode; both by the wall clock';
