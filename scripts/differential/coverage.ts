import type { Form } from '../../emu/cpu/table/form.ts';

/** What became of one form in a campaign. */
export interface FormCount {
  /** Cases made for it. */
  tried: number;
  /** Compared executions: it was reached, and it retired or faulted. */
  executed: number;
  /** Those of them that retired. */
  completed: number;
}

/**
 * A name for a form that stays when rows are added to the table: its first row's encoding, and its operands and sizes. Cases are made from
 * it, so that a seed means the same cases tomorrow.
 */
export function stableName(form: Form): string {
  return `${form.row.encoding} ${form.key.replace(/#\d+/, '')}`;
}

/**
 * Forms that end in an exception by their nature; SYSENTER and SYSEXIT do in long mode on AMD's processors, RDPMC has no counter to read, and
 * what HLT waits for does not come in a case.
 */
const NEVER_COMPLETES: ReadonlySet<string> = new Set([
  ...['UD0', 'UD1', 'UD2', 'INT', 'INT3', 'INT1'],
  ...['SYSENTER', 'SYSEXIT', 'RDPMC', 'HLT'],
]);

/** How often each form was executed and compared. */
export class Coverage {
  readonly #counts = new Map<string, FormCount>();

  of(form: Form): FormCount {
    const name = stableName(form);
    let count = this.#counts.get(name);
    if (count === undefined) {
      count = { tried: 0, executed: 0, completed: 0 };
      this.#counts.set(name, count);
    }
    return count;
  }

  /** Whether a form was executed so often, and did what it is for at least once. */
  isCovered(form: Form, times: number): boolean {
    const { executed, completed } = this.of(form);
    return executed >= times && (completed > 0 || NEVER_COMPLETES.has(form.mnemonic));
  }

  /** Forms, executions, and executions of the form that has fewest, by feature. */
  byFeature(forms: Iterable<Form>): Record<string, readonly [number, number, number]> {
    const found: Record<string, readonly [number, number, number]> = {};
    for (const form of forms) {
      const feature = form.row.feature ?? 'baseline';
      const [count, sum, fewest] = found[feature] ?? [0, 0, Number.POSITIVE_INFINITY];
      const { executed } = this.of(form);
      found[feature] = [count + 1, sum + executed, Math.min(fewest, executed)];
    }
    return found;
  }

  /** Executions of the form that has fewest. */
  fewest(forms: Iterable<Form>): number {
    return Math.min(...[...forms].map((form) => this.of(form).executed));
  }

  get executions(): number {
    let sum = 0;
    for (const { executed } of this.#counts.values()) sum += executed;
    return sum;
  }

  toJSON(): Record<string, readonly number[]> {
    return Object.fromEntries(
      [...this.#counts].map(([name, { tried, executed, completed }]) => [name, [tried, executed, completed]]),
    );
  }

  /** Adds what `toJSON` gave. */
  add(saved: Readonly<Record<string, readonly number[]>>): void {
    for (const [name, [tried = 0, executed = 0, completed = 0]] of Object.entries(saved)) {
      const known = this.#counts.get(name) ?? { tried: 0, executed: 0, completed: 0 };
      known.tried += tried;
      known.executed += executed;
      known.completed += completed;
      this.#counts.set(name, known);
    }
  }
}
