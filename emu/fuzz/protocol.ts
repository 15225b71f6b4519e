import type { FuzzErrorCode } from './errors.ts';
import type { Finding } from './findings.ts';
import type { FuzzProgram } from './program.ts';

/** What a worker is to do. */
export interface WorkerTask {
  readonly worker: number;
  readonly seed: number;
  /** Programs to begin with. */
  readonly programs: readonly FuzzProgram[];
  /** Programs to run at most. */
  readonly cases: number;
  /** ms to run at most, from when the guest is ready. */
  readonly time: number;
  /** One word, shared by all: not 0 when the run is to end at once. */
  readonly interruption: Int32Array<SharedArrayBuffer>;
}

/** What a worker tells. */
export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly executions: number; readonly coverage: number }
  | { readonly kind: 'kept'; readonly program: FuzzProgram; readonly fresh: readonly number[] }
  | {
      readonly kind: 'crash';
      readonly finding: Finding;
      readonly program: FuzzProgram;
      readonly after: number;
    }
  | { readonly kind: 'done'; readonly executions: number; readonly coverage: number; readonly steps: number }
  | {
      readonly kind: 'failed';
      readonly name: string;
      readonly message: string;
      /** Of a FuzzError. */
      readonly code: FuzzErrorCode | undefined;
    };

/** What a worker is told. */
export type WorkerNews =
  | { readonly kind: 'kept'; readonly program: FuzzProgram; readonly fresh: readonly number[] }
  | { readonly kind: 'crash'; readonly key: string }
  | { readonly kind: 'stop' };
