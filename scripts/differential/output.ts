import { stepProgress } from '../../emu/cli/progress.ts';

/** Version of the objects that --json prints, one a line. */
export const JSON_VERSION = 1;

/** What a campaign says: text for people, or one JSON object a line; progress goes to stderr, and only on a terminal. */
export interface Output {
  /** `event` names the kind of object; `text` is the same for people, and may be left out of it. */
  say(event: string, fields: Readonly<Record<string, unknown>>, text?: string): void;
  progress(step: string): void;
  end(): void;
}

export function output(json: boolean): Output {
  const progress = stepProgress('differential');
  return {
    say: (event, fields, text) => {
      progress.show(undefined);
      if (json) process.stdout.write(`${JSON.stringify({ version: JSON_VERSION, event, ...fields })}\n`);
      else if (text !== undefined) process.stdout.write(`${text}\n`);
    },
    progress: (step) => progress.show(step),
    end: () => progress.end(),
  };
}
