import type { LineTable } from '../../emu/symbols/index.ts';
import { run } from './programs.ts';

const ROW = /^(\S+)\s+(\d+|-)\s+(?:0x)?([0-9a-f]+)(?:\s+(?:\d+))?(\s+x)?(?:\s+END)?$/;

/** The rows of `readelf --debug-dump=decodedline`: "file line address statement", or "end address". */
export function readelfRows(path: string): string[] {
  const rows: string[] = [];
  for (const text of run('readelf', '--debug-dump=decodedline', '-W', path).split('\n')) {
    const row = ROW.exec(text.trimEnd());
    if (row === null) continue;
    const [, file = '', line, address = '', isStmt] = row;
    rows.push(line === '-' ? `end ${address}` : `${file} ${line} ${address}${isStmt ? ' stmt' : ''}`);
  }
  return rows;
}

/** The same of the reader. */
export function readerRows(table: LineTable): string[] {
  return Array.from(table.rows(), (row) => {
    const address = row.address.toString(16);
    if (row.endSequence) return `end ${address}`;
    return `${baseName(row.file)} ${row.line} ${address}${row.isStmt ? ' stmt' : ''}`;
  });
}

/** The last component of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
