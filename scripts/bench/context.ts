/** What every group of the bench is given. */
export interface BenchContext {
  /** How often each thing is measured; the peers take turns. */
  readonly repetitions: number;
  /** Says what is being measured now. */
  readonly progress: (what: string) => void;
}
