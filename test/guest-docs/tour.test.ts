import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { KernelImage } from '../../emu/kernel/index.ts';
import { readDocument } from '../../scripts/docs/index.ts';
import { absolute } from '../../scripts/guest/index.ts';

/** A function that the tour names, and the file it says that it is in. */
interface NamedPlace {
  readonly line: number;
  readonly file: string;
  readonly name: string;
}

const KERNEL = 'guest/obj/bsd';
/** A program that has the shell's functions and libc's. */
const PROGRAM = 'guest/obj/root/bin/ksh';
const TABLE_HEADING = "## OpenBSD's functions, and ours";
const COLUMNS = 3;

const lines = readDocument('guest/TOUR.md').split('\n');

/** Pairs each function between backquotes with the guest file before it. */
function places(line: number, text: string): NamedPlace[] {
  let file: string | undefined;
  return [...text.matchAll(/`([^`]+)`/g)].flatMap(([, word = '']) => {
    if (word.includes('/')) {
      file = word;
      return [];
    }
    if (file === undefined) throw new Error(`guest/TOUR.md:${line}: \`${word}\` has no file before it`);
    return [{ line, file, name: word }];
  });
}

/** The lines below a step's heading, up to the first blank one: its files and functions. */
function stepPlaces(): NamedPlace[] {
  return lines.flatMap((heading, index) => {
    if (!/^##+ \d/.test(heading)) return [];
    const start = index + 2;
    const end = lines.indexOf('', start);
    return places(start + 1, lines.slice(start, end).join(' '));
  });
}

/** The rows of the table, by column. */
function tableRows(): { line: number; cells: string[] }[] {
  const start = lines.indexOf(TABLE_HEADING);
  return lines.flatMap((text, index) => {
    const after = lines.findIndex((one, at) => at > start && one.startsWith('## '));
    if (index < start || index > after || !text.startsWith('| `')) return [];
    return [{ line: index + 1, cells: text.split('|').slice(1, -1) }];
  });
}

const tablePlaces = (): NamedPlace[] =>
  tableRows().flatMap(({ line, cells }) => places(line, cells[1] ?? ''));

describe('the tour', () => {
  let kernel: KernelImage;
  let program: KernelImage;

  beforeAll(() => {
    kernel = KernelImage.open(new Uint8Array(readFileSync(absolute(KERNEL))));
    program = KernelImage.open(new Uint8Array(readFileSync(absolute(PROGRAM))));
  });

  /** The file in which the guest's debugging information says a function is; undefined without such a function. */
  const fileOf = ({ file, name }: NamedPlace): string | undefined => {
    const image = file.startsWith('guest/sys/') ? kernel : program;
    const address = image.addressOf(name);
    if (address === undefined) return undefined;
    // The first line of a C function may be one of another, inlined there; assembly has lines only.
    return image.function(name)?.declFile ?? image.place(address).file;
  };

  it('should name files and functions for each of its steps', () => {
    const steps = lines.filter((text) => /^##+ \d/.test(text));
    expect(steps.length).toBeGreaterThanOrEqual(20);
    expect(new Set(stepPlaces().map(({ line }) => line)).size).toBe(steps.length);
  });

  it('should have a table whose rows name OpenBSD, ours, and what is simpler', () => {
    const rows = tableRows();
    expect(rows.length).toBeGreaterThan(20);
    for (const { cells } of rows) {
      expect(cells).toHaveLength(COLUMNS);
      for (const cell of cells) expect(cell.trim()).not.toBe('');
    }
  });

  it.each([...stepPlaces(), ...tablePlaces()])('should know $name in $file (line $line)', (place) => {
    expect(existsSync(absolute(place.file)), place.file).toBe(true);
    expect(fileOf(place)).toBe(place.file);
  });
});
