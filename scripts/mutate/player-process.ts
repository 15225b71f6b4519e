import { type ChildProcess, fork } from 'node:child_process';
import type { KnownTest } from './baseline.ts';
import { MutateError } from './errors.ts';
import type { Shadow } from './shadow.ts';

const PLAYER = 'dist/scripts/mutate/player.js';
/** ms of the host. Sessions end by their steps; this catches a host that runs in a circle, led by a broken kernel's lists. */
const LIMIT = 300_000;

/** What the player is asked: to play these sessions up to the first failure, or to play and measure all. */
export interface PlayerRequest {
  readonly play?: readonly KnownTest[];
}

export interface PlayerAnswer {
  readonly failure?: string;
  readonly known?: readonly KnownTest[];
  /** The player's own defect. */
  readonly broken?: string;
}

/** The player of a shadow: see player.ts. It is started when it is first needed, and again when it was lost. */
export class PlayerProcess {
  readonly #shadow: Shadow;
  readonly #end = (): void => this.end();
  #child: ChildProcess | undefined;

  constructor(shadow: Shadow) {
    this.#shadow = shadow;
    // Before what is removed at the exit: the player must not write there any more.
    process.prependOnceListener('exit', this.#end);
  }

  /** Plays all sessions with the kernel as it is. Throws MutateError 'tests-fail', 'no-result'. */
  async measure(): Promise<readonly KnownTest[]> {
    const { failure, known = [] } = await this.#ask({});
    if (failure !== undefined) {
      throw new MutateError('tests-fail', `a session fails with the kernel as it is: ${failure}`);
    }
    return known;
  }

  /** Boots the kernel that lies in the shadow and plays sessions in their order; gives the first failure. Throws MutateError 'no-result'. */
  async play(sessions: readonly KnownTest[]): Promise<string | undefined> {
    return (await this.#ask({ play: sessions })).failure;
  }

  /** Ends the process. */
  end(): void {
    process.off('exit', this.#end);
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }

  async #ask(request: PlayerRequest): Promise<PlayerAnswer> {
    const answer = await this.#exchange(request);
    if (answer.broken !== undefined) throw new MutateError('no-result', `the player broke: ${answer.broken}`);
    return answer;
  }

  #exchange(request: PlayerRequest): Promise<PlayerAnswer> {
    this.#child ??= fork(this.#shadow.path(PLAYER), {
      cwd: this.#shadow.root,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const child = this.#child;
    return new Promise((resolve) => {
      const finish = (answer: PlayerAnswer): void => {
        clearTimeout(timer);
        child.off('message', finish);
        child.off('exit', lost);
        resolve(answer);
      };
      const lost = (): void => {
        this.#child = undefined;
        finish({ broken: 'it has ended' });
      };
      const late = (): void => {
        child.off('exit', lost);
        child.kill('SIGKILL');
        this.#child = undefined;
        finish({ failure: `no end after ${LIMIT} ms` });
      };
      const timer = setTimeout(late, LIMIT);
      child.on('message', finish);
      child.on('exit', lost);
      child.send(request);
    });
  }
}
