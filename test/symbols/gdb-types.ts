import { formatType, type Member, type StructType, stripType, type Type } from '../../emu/symbols/index.ts';
import { run } from './programs.ts';

/** One member as `ptype /o` prints it, or as the reader has it; `name` is dotted for members of anonymous ones. */
export interface Layout {
  readonly name: string;
  /** Bytes; undefined where gdb prints none (members of unions). */
  readonly offset: number | undefined;
  readonly bit: number | undefined;
  readonly size: number;
}

const FIELD = /^\/\*\s+(?:(\d+)(?:: *(\d+))?\s+\|)?\s+(\d+) \*\/\s+(.*)$/;

/** gdb's layout of each of some structures: `ptype /o` in one run. */
export function gdbLayouts(
  path: string,
  tags: readonly string[],
): Map<string, { size: number; members: Layout[] }> {
  const commands = tags.flatMap((tag) => ['-ex', `echo @@${tag}\\n`, '-ex', `ptype /o ${tag}`]);
  const layouts = new Map<string, { size: number; members: Layout[] }>();
  for (const part of run('gdb', '-batch', '-nx', ...commands, path)
    .split('@@')
    .slice(1)) {
    const [tag = '', ...lines] = part.split('\n');
    layouts.set(tag, parsePtype(lines));
  }
  return layouts;
}

interface Level {
  readonly opening: Layout | undefined;
  readonly members: Layout[];
}

function parsePtype(lines: readonly string[]): { size: number; members: Layout[] } {
  const levels: Level[] = [];
  let size = 0;
  let members: Layout[] = [];
  for (const line of lines) {
    const total = /total size \(bytes\):\s+(\d+)/.exec(line);
    if (total) size = Number(total[1]);
    const field = FIELD.exec(line);
    const text = (field?.[4] ?? line).trim();
    if (text.endsWith('{')) {
      levels.push({ opening: field ? layout(field, '') : undefined, members: [] });
    } else if (text.startsWith('}')) {
      const closed = levels.pop();
      const name = declaredName(text.slice(1));
      const outer = levels[levels.length - 1];
      if (outer === undefined) members = closed?.members ?? [];
      else if (name === '') outer.members.push(...(closed?.members ?? []));
      // What is inside a named structure is compared with that structure.
      else if (closed?.opening) outer.members.push({ ...closed.opening, name });
    } else if (field) {
      levels[levels.length - 1]?.members.push(layout(field, declaredName(text)));
    }
  }
  return { size, members };
}

function layout(field: RegExpExecArray, name: string): Layout {
  const number = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : Number(text);
  return { name, offset: number(field[1]), bit: number(field[2]), size: Number(field[3]) };
}

/** The declared name in `struct list *next;`, `void (*cleanup)(void);`, `unsigned int a : 1;`, ` link;`. */
function declaredName(declaration: string): string {
  const text = declaration
    .replace(/;.*$/, '')
    .replace(/ : \d+$/, '')
    .trim();
  const pointer = /\(\**\s*(?:const |volatile )*(\w+)(?:\[\d*\])*\)/.exec(text);
  return pointer?.[1] ?? /(\w+)(?:\[\d*\])*$/.exec(text)?.[1] ?? '';
}

/** The reader's layout of a structure, in gdb's terms. */
export function readerLayout(struct: StructType, base = 0): Layout[] {
  return struct.members.flatMap((member: Member): Layout[] => {
    const type = stripType(member.type);
    if (member.name === undefined && (type.kind === 'struct' || type.kind === 'union')) {
      return readerLayout(type, base + member.offset);
    }
    return [
      {
        name: member.name ?? '',
        offset: base + member.offset,
        bit: member.bitOffset,
        size: type.size || member.type.size,
      },
    ];
  });
}

/** gdb's name of each expression's type. */
export function gdbTypeNames(path: string, expressions: readonly string[]): string[] {
  const commands = expressions.flatMap((expression) => ['-ex', `whatis ${expression}`]);
  return run('gdb', '-batch', '-nx', ...commands, path)
    .trim()
    .split('\n')
    .map((line) => line.replace(/^type = /, '').replace(/\s/g, ''));
}

/** The reader's name of a type without the spaces gdb places otherwise. */
export function spacelessName(type: Type): string {
  return formatType(type).replace(/\s/g, '');
}
