import type { EventValue, FunctionValues } from '../events.ts';
import {
  cut,
  type FunctionShape,
  nameArguments,
  readWatch,
  shapeOf,
  type TracedFunction,
  type WatchScope,
} from '../function-watch.ts';
import type { Kernel } from '../kernel.ts';
import type { Detach } from '../probes.ts';
import { Reading } from '../reading.ts';
import type { SourceContext } from './source.ts';

/** `kprobe:entry` and `kprobe:return` of one function. Throws KernelError 'no-symbol'. */
export function traceFunction({ kernel, probes, emit }: SourceContext, traced: TracedFunction): Detach {
  const { name } = traced;
  const address = kernel.image.address(name);
  const { file, line } = kernel.image.place(address);
  const shape = shapeOf(kernel, name);
  const isVoid = shape?.returns?.kind === 'void';
  const common = { function: name, address, file, line };
  return probes.function(name, {
    enter: (call) => {
      const reading = new Reading();
      const values: FunctionValues = {
        ...common,
        arguments: nameArguments(shape, call.arguments),
        watched: {},
      };
      const watched = readAll(kernel, traced.before, shape, values, reading);
      emit('kprobe:entry', { ...values, watched }, reading);
      return values;
    },
    leave:
      traced.entryOnly === true
        ? undefined
        : (call, values, rax) => {
            const reading = new Reading();
            const result = isVoid ? undefined : shape?.returns === undefined ? rax : cut(shape.returns, rax);
            const scope = { arguments: values.arguments, result };
            const watched = readAll(kernel, traced.after, shape, scope, reading);
            emit('kprobe:return', { ...values, watched, result, entered: call.position }, reading);
          },
  });
}

function readAll(
  kernel: Kernel,
  paths: readonly string[] | undefined,
  shape: FunctionShape | undefined,
  scope: WatchScope,
  reading: Reading,
): Record<string, EventValue> {
  return Object.fromEntries(
    (paths ?? []).map((path) => [path, reading.try(() => readWatch(kernel, path, shape, scope))]),
  );
}
