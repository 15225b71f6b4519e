/** Rows under headings, columns as wide as they need; no blanks at the ends of lines. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Names and what belongs to them, one a line. */
export function definitions(pairs: readonly (readonly [name: string, text: string])[]): string {
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs
    .map(([name, text]) => `${name.padEnd(width)}  ${text}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}
