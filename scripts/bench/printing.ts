import { readFileSync } from 'node:fs';
import { absolute } from '../guest/index.ts';
import { runChild } from './child.ts';
import type { BenchContext } from './context.ts';
import { AttachedGdb } from './gdb-on-qemu.ts';
import { type Line, line, type Target } from './line.ts';
import { findPeers, firstMissing } from './peers.ts';
import type { PrintingChildResult } from './printing-child.ts';
import { quotients, summarize } from './statistics.ts';

/** A program of the guest, and a function that it calls for each character. */
export const PROGRAM = 'wc';
export const PLACE = 'isspace';
/** What is printed there: its argument. */
export const PRINTED = '"isspace(%d)\\n",c';
/** A condition on it that never holds. */
export const NEVER = 'c == 1000';
/** Hits that are timed at gdb, and those before that are not. */
const TIMED = 1_500;
const UNTIMED = 200;
const TIMES_FASTER: Target = { kind: 'ratio', atLeast: 1_000 };
const NOTE = `${PLACE}(c), called by ${PROGRAM} every 48 instructions, whose own time is in the figures; CPU time, gdb by the wall clock`;
/** What gives the program so many characters and more. */
const MUCH = `cat /bin/ksh | ${PROGRAM}`;
const PASSWD = 'etc/passwd';

/** Breakpoints that print, that have a condition, and that a script continues from, against gdb on QEMU. */
export async function benchPrinting({ repetitions, progress }: BenchContext): Promise<Line[]> {
  const missing = firstMissing(findPeers.qemu(), findPeers.gdb());
  progress('debugger: breakpoints that print');
  const puffer = runChild<PrintingChildResult>('printing-child.js', [String(repetitions)]);
  const gdb = { printing: [] as number[], conditional: [] as number[], stopping: [] as number[] };
  for (let turn = 0; turn < repetitions && missing === undefined; turn++) {
    progress(`debugger: breakpoints that print, gdb, ${turn + 1} of ${repetitions}`);
    gdb.printing.push(await printing());
    gdb.conditional.push(await conditional());
    gdb.stopping.push(await stopping());
  }
  const compare = (what: string, kind: keyof typeof gdb, target: Target | undefined): Line =>
    line({
      group: 'debugger',
      what,
      unit: 'hits/s',
      peer: 'gdb on QEMU',
      puffer: summarize(puffer[kind]),
      target,
      ...(missing === undefined
        ? {
            peerFigure: summarize(gdb[kind]),
            ratio: summarize(quotients(puffer[kind], gdb[kind])),
            note: NOTE,
          }
        : { note: missing }),
    });
  return [
    compare('a breakpoint that prints an argument', 'printing', TIMES_FASTER),
    compare('a breakpoint whose condition does not hold', 'conditional', TIMES_FASTER),
    compare('stops, each with a print and a continue', 'stopping', undefined),
  ];
}

/** Hits a second. */
function printing(): Promise<number> {
  return AttachedGdb.use(PROGRAM, [`dprintf ${PLACE},${PRINTED}`, 'continue'], (gdb) => {
    gdb.type(MUCH);
    return gdb.rate(/isspace\(\d+\)/g, UNTIMED, TIMED);
  });
}

/** A run to its end, with as many hits as there are characters. */
function conditional(): Promise<number> {
  const files = new Array<string>(5).fill(`/${PASSWD}`);
  const characters = files.length * readFileSync(absolute(`guest/${PASSWD}`)).length;
  return AttachedGdb.use(PROGRAM, [`break ${PLACE} if ${NEVER}`, 'continue'], async (gdb) => {
    return characters / (await gdb.seconds(`cat ${files.join(' ')} | ${PROGRAM}`));
  });
}

function stopping(): Promise<number> {
  const steps = new Array<string[]>(UNTIMED + TIMED).fill(['continue', 'print c']).flat();
  return AttachedGdb.use(PROGRAM, [`break ${PLACE}`, ...steps], (gdb) => {
    gdb.type(MUCH);
    return gdb.rate(/^\$\d+ = /gm, UNTIMED, TIMED);
  });
}
