import { hex64 } from '../hexadecimal.ts';
import type { Fact, FactValue, ForkReport, ForkStep } from './report.ts';

export interface RenderOptions {
  /** Columns of the page; 120 if not given. */
  readonly width?: number | undefined;
  /** Escape sequences for colours (ECMA-48 SGR); none if not given. */
  readonly color?: boolean | undefined;
}

const DEFAULT_WIDTH = 120;
const MINIMUM_WIDTH = 60;
const POSITION_WIDTH = 10;
const NAME_WIDTH = 30;
const PLACE_WIDTH = 24;
const INDENT = 2;
/** Rows of a table stand this far right of their line's beginning. */
const ROW_INDENT = POSITION_WIDTH + 6;
/** Values from here on are shown as addresses. */
const ADDRESS_FROM = 0x1_0000_0000n;

/** The styles of the page (ECMA-48, Select Graphic Rendition). */
const STYLES = {
  title: '1',
  name: '1',
  place: '2',
  label: '36',
  note: '2',
  missing: '33',
  role: '35',
} as const;
type Style = keyof typeof STYLES;

/** A piece of text and how it looks. */
interface Span {
  readonly text: string;
  readonly style?: Style;
}

/** The report of one fork as a page of text, in the order in which things happened. */
export function renderForkReport(report: ForkReport, options: RenderOptions = {}): string {
  const page = new Page(Math.max(MINIMUM_WIDTH, options.width ?? DEFAULT_WIDTH), options.color ?? false);
  const { parent, childPid, call } = report;
  const who = (one: typeof parent): string => (one === undefined ? 'nobody' : `pid ${one.pid} (${one.comm})`);
  const born = childPid === undefined ? 'no child' : `pid ${childPid}`;
  page.line([{ text: `${call} of ${who(parent)} → ${born}`, style: 'title' }]);
  page.line([
    {
      text: `positions ${report.firstPosition} to ${report.lastPosition}, ${OUTCOMES[report.outcome]}`,
      style: 'note',
    },
  ]);
  let role: string | undefined;
  for (const step of report.steps) {
    if (step.role !== role) page.line([{ text: ROLES[step.role], style: 'role' }]);
    role = step.role;
    renderStep(page, step);
  }
  for (const text of report.missing) page.line([{ text: `missing: ${text}`, style: 'missing' }]);
  return page.text;
}

const OUTCOMES = {
  waited: 'the parent has waited for the child',
  failed: 'the call failed',
  unfinished: 'the child was not waited for in this run',
} as const;
const ROLES = { parent: 'parent', child: 'child', other: 'another thread' } as const;

function renderStep(page: Page, step: ForkStep): void {
  const indent = ' '.repeat(INDENT * step.depth);
  const name = indent + (step.kind === 'leave' ? `← ${step.name}` : step.name);
  const file = step.file?.split('/').at(-1);
  const place = file === undefined ? '' : `${file}${step.line === undefined ? '' : `:${step.line}`}`;
  const inline = step.facts.filter(({ row }) => row !== true);
  page.columns(
    [
      { text: String(step.position).padStart(POSITION_WIDTH), style: 'note' },
      { text: name.padEnd(NAME_WIDTH), style: 'name' },
      { text: place.padEnd(PLACE_WIDTH), style: 'place' },
    ],
    inline.map(factSpans),
  );
  const rows = step.facts.filter(({ row }) => row === true);
  const labelWidth = Math.max(0, ...rows.map(({ label }) => label?.length ?? 0));
  for (const fact of rows) {
    const label = (fact.label ?? '').padEnd(labelWidth);
    page.wrapped(ROW_INDENT, factSpans({ ...fact, label }));
  }
  for (const text of step.missing)
    page.wrapped(ROW_INDENT, [{ text: `not read: ${text}`, style: 'missing' }]);
}

function factSpans(fact: Fact): Span[] {
  const spans: Span[] = [];
  if (fact.label !== undefined && fact.label !== '') spans.push({ text: `${fact.label} `, style: 'label' });
  if ('from' in fact) spans.push({ text: `${formatValue(fact.from)} → ` });
  spans.push({ text: formatValue(fact.value) });
  if (fact.note !== undefined && fact.note !== '') spans.push({ text: ` (${fact.note})`, style: 'note' });
  return spans;
}

/** Addresses in 16 digits, smaller registers as 0x…, numbers in decimal. */
function formatValue(value: FactValue): string {
  if (value === undefined) return '?';
  if (typeof value !== 'bigint') return String(value);
  return value >= ADDRESS_FROM ? hex64(value) : `0x${value.toString(16)}`;
}

/** Lines of a fixed width. */
class Page {
  readonly #width: number;
  readonly #color: boolean;
  #text = '';

  constructor(width: number, color: boolean) {
    this.#width = width;
    this.#color = color;
  }

  get text(): string {
    return this.#text;
  }

  /** One line; what is blank at its end is left out. */
  line(spans: readonly Span[]): void {
    const last = spans.findLastIndex(({ text }) => text.trimEnd() !== '');
    const shown = spans
      .slice(0, last + 1)
      .map((span, index) => (index === last ? { ...span, text: span.text.trimEnd() } : span));
    this.#text += `${shown.map((span) => this.#styled(span)).join('')}\n`;
  }

  /** Columns, and behind them items that go on below where the line ends. */
  columns(head: readonly Span[], items: readonly (readonly Span[])[]): void {
    const separated = head.flatMap((span): Span[] => [span, { text: ' ' }]);
    const start = lengthOf(separated);
    // On a narrow page the items begin below their line.
    const left = start + MINIMUM_ITEMS > this.#width ? ROW_INDENT : start;
    let line: Span[] = separated;
    let used = left === start ? start : this.#width;
    for (const item of items) {
      const length = lengthOf(item);
      if (left + length > this.#width) {
        if (used > left || line === separated) this.line(line);
        this.wrapped(left, item);
        line = [];
        used = left;
        continue;
      }
      if (line.length === 0) line.push({ text: ' '.repeat(left) });
      if (used > left && used + length > this.#width) {
        this.line(line);
        line = [{ text: ' '.repeat(left) }];
        used = left;
      }
      line.push(...item, { text: '  ' });
      used += length + 2;
    }
    if (line.length > 0) this.line(line);
  }

  /** Text from a column on, broken between words. */
  wrapped(indent: number, spans: readonly Span[]): void {
    let line: Span[] = [{ text: ' '.repeat(indent) }];
    let used = indent;
    for (const { text, style } of spans) {
      for (const word of text.split(/(?<= )/)) {
        if (used > indent && used + word.trimEnd().length > this.#width) {
          this.line(line);
          line = [{ text: ' '.repeat(indent + INDENT) }];
          used = indent + INDENT;
        }
        line.push(style === undefined ? { text: word } : { text: word, style });
        used += word.length;
      }
    }
    this.line(line);
  }

  #styled({ text, style }: Span): string {
    if (!this.#color || style === undefined || text.trim() === '') return text;
    return `\u001b[${STYLES[style]}m${text}\u001b[0m`;
  }
}

/** Columns that the items of a line need at least beside it. */
const MINIMUM_ITEMS = 30;

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((length, { text }) => length + text.length, 0);
}
