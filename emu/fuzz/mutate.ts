import type { ArgumentContext } from './arguments.ts';
import { descriptionOf, type Generator, LONGEST, Results } from './generate.ts';
import { allCalls, type FuzzArgument, type FuzzCall, type FuzzProgram } from './program.ts';

/** How likely each change is. */
const CHANGES = {
  insert: 6,
  remove: 3,
  argument: 6,
  splice: 3,
  duplicate: 2,
  swap: 2,
  fault: 1,
  interrupt: 3,
  setting: 1,
} as const;
const NAMES = Object.keys(CHANGES) as (keyof typeof CHANGES)[];
const WEIGHTS = Object.values(CHANGES);
const UNPRIVILEGED = 1000;

/** A list of a program's calls: its own, or a child's. */
type CallList = FuzzCall[];

/** Changes a program here and there; `others` are programs to take calls from. */
export function mutate(
  program: FuzzProgram,
  generator: Generator,
  others: readonly FuzzProgram[],
): FuzzProgram {
  const { random } = generator;
  const draft = structuredClone(program) as { -readonly [K in keyof FuzzProgram]: FuzzProgram[K] } & {
    calls: CallList;
  };
  generator.reserve(allCalls(draft.calls).map(({ id }) => id));
  for (let left = 1 + random.below(3); left > 0; left--) {
    const list = pickList(draft.calls, generator);
    switch (NAMES[random.weighted(WEIGHTS)]) {
      case 'insert': {
        const at = random.below(list.length + 1);
        list.splice(at, 0, generator.call(resultsOf(draft.calls), 1));
        break;
      }
      case 'remove':
        if (allCalls(draft.calls).length > 1) list.splice(random.below(list.length), 1);
        break;
      case 'argument':
        changeArgument(list, draft.calls, generator);
        break;
      case 'splice':
        if (others.length > 0) splice(list, random.pick(others), generator);
        break;
      case 'duplicate': {
        const one = list[random.below(list.length)];
        if (one !== undefined)
          list.splice(random.below(list.length + 1), 0, renumbered([one], generator)[0] as FuzzCall);
        break;
      }
      case 'swap': {
        const [one] = list.splice(random.below(list.length), 1);
        if (one !== undefined) list.splice(random.below(list.length + 1), 0, one);
        break;
      }
      case 'fault':
        if (draft.fault === undefined || random.oneIn(2)) draft.fault = generator.fault();
        else delete draft.fault;
        break;
      case 'interrupt': {
        const interrupt = random.oneIn(4) ? undefined : generator.interrupt(draft.calls);
        if (interrupt === undefined) delete draft.interrupt;
        else draft.interrupt = interrupt;
        break;
      }
      default:
        if (random.oneIn(2)) draft.session = !draft.session;
        else draft.user = draft.user === 0 ? UNPRIVILEGED : 0;
    }
  }
  while (draft.calls.length > LONGEST) draft.calls.splice(random.below(draft.calls.length), 1);
  return draft;
}

/** The program's own calls, or those of one of its children. */
function pickList(calls: CallList, { random }: Generator): CallList {
  const lists = [
    calls,
    ...allCalls(calls).flatMap(({ child }) => (child === undefined ? [] : [child as CallList])),
  ];
  return random.oneIn(2) ? calls : random.pick(lists);
}

function resultsOf(calls: readonly FuzzCall[]): Results {
  const results = new Results();
  for (const one of allCalls(calls)) results.add(one);
  return results;
}

function changeArgument(list: CallList, all: readonly FuzzCall[], { random }: Generator): void {
  const index = random.below(list.length);
  const one = list[index];
  const description = one && descriptionOf(one.name);
  if (one === undefined || description === undefined || one.arguments.length === 0) return;
  const results = resultsOf(all);
  const context: ArgumentContext = { random, results: (resource) => results.of(resource) };
  const position = random.below(description.arguments.length);
  const type = description.arguments[position];
  if (type === undefined) return;
  const changed = [...one.arguments];
  changed[position] = type(context);
  list[index] = { ...one, arguments: changed };
}

/** Takes a stretch of another program. */
function splice(list: CallList, other: FuzzProgram, generator: Generator): void {
  const { random } = generator;
  if (other.calls.length === 0) return;
  const start = random.below(other.calls.length);
  const stretch = other.calls.slice(start, start + 1 + random.below(8));
  list.splice(random.below(list.length + 1), 0, ...renumbered(stretch, generator));
}

/** The same calls under new ids; what they refer to among themselves stays right. */
function renumbered(calls: readonly FuzzCall[], generator: Generator): FuzzCall[] {
  const ids = new Map(allCalls(calls).map(({ id }) => [id, generator.newId()]));
  const argument = (one: FuzzArgument): FuzzArgument => {
    if (typeof one !== 'object') return one;
    if ('result' in one) return { result: ids.get(one.result) ?? one.result };
    if ('end' in one) return { ...one, end: ids.get(one.end) ?? one.end };
    return one;
  };
  const renumber = (one: FuzzCall): FuzzCall => ({
    ...one,
    id: ids.get(one.id) ?? generator.newId(),
    arguments: one.arguments.map(argument),
    ...(one.child !== undefined && { child: one.child.map(renumber) }),
  });
  return calls.map(renumber);
}
