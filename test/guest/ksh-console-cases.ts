// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the text is for the shell

import type { GuestCase } from './guest-case.ts';

/** Errors of syntax, and the keys that interrupt, stop and end. */
export const kshConsoleCases: readonly GuestCase[] = [
  {
    name: 'an unexpected token is an error of syntax',
    script: ['echo a; )'],
    expect: ["ksh: syntax error: `)' unexpected"],
  },
  {
    name: 'an unexpected reserved word is one, too',
    script: ['done'],
    expect: ["ksh: syntax error: `done' unexpected"],
  },
  {
    name: 'a missing command is one, too',
    script: ['ls | ; echo b'],
    expect: ["ksh: syntax error: `;' unexpected"],
  },
  {
    name: 'the shell goes on after an error of syntax',
    script: ['echo still here'],
    expect: ['still here'],
  },
  {
    name: 'an unmatched if in -c',
    script: ["ksh -c 'if true; then echo a'; echo $?"],
    expect: ["ksh: syntax error: `if' unmatched", '1'],
  },
  {
    name: 'an unclosed quote in -c',
    script: ["ksh -c 'echo \"a'; echo $?"],
    expect: ['ksh: no closing quote', '1'],
  },
  {
    name: 'an unclosed substitution in -c',
    script: ["ksh -c 'echo $(ls'; echo $?"],
    expect: ["ksh: syntax error: `$(' unmatched", '1'],
  },
  {
    name: 'a file that ends inside of an operator',
    script: ["echo -n 'cat <<' > /tmp/o; ksh /tmp/o; echo $?"],
    expect: ["ksh: /tmp/o[1]: syntax error: `EOF' unexpected", '1'],
  },
  {
    name: 'a bad substitution',
    script: ['echo ${x!y}'],
    expect: ['ksh: ${x!y}: bad substitution'],
  },
  {
    name: '^C discards the line that is typed',
    script: [
      { send: 'echo not', until: 'echo not' },
      { send: '\u0003', until: '# ' },
    ],
    expect: ['^C'],
  },
  {
    name: '^C ends the command in front',
    script: [
      { send: 'cat\n', until: 'cat\n' },
      { send: 'typed\n', until: 'typed\ntyped\n' },
      { send: '\u0003', until: '# ' },
      'echo $?',
    ],
    expect: ['typed', 'typed', '^C', '# echo $?', '130'],
  },
  {
    name: '^C ends a loop of the shell',
    script: [{ send: 'while :; do :; done\n', until: 'done\n' }, { send: '\u0003', until: '# ' }, 'echo $?'],
    expect: ['^C', '# echo $?', '130'],
  },
  {
    name: "^D ends a command's input",
    script: [
      { send: 'cat\n', until: 'cat\n' },
      { send: 'last words\n', until: 'last words\nlast words\n' },
      { send: '\u0004', until: '# ' },
    ],
    expect: ['last words', 'last words'],
    beforePrompt: '^D\b\b',
  },
  {
    name: '^Z stops a job, fg goes on with it',
    script: [
      { send: 'cat\n', until: 'cat\n' },
      { send: 'before\n', until: 'before\nbefore\n' },
      { send: '\u001a', until: '# ' },
      'jobs',
      { send: 'fg\n', until: 'cat\n' },
      { send: 'after\n', until: 'after\nafter\n' },
      { send: '\u0004', until: '# ' },
      'jobs',
    ],
    expect: [
      'before',
      'before',
      '^Z',
      '[1] + Suspended            cat',
      '# jobs',
      '[1] + Suspended            cat',
      '# fg',
      'cat',
      'after',
      'after',
      '^D\b\b# jobs',
    ],
  },
  {
    name: '^\\ makes a command quit',
    script: [
      { send: 'cat\n', until: 'cat\n' },
      { send: 'x\n', until: 'x\nx\n' },
      { send: '\u001c', until: '# ' },
    ],
    expect: ['x', 'x', '^\\Quit'],
  },
  {
    name: 'the shell of the console is started again',
    script: ['exit 3'],
    expect: ['init: ksh exited with status 3'],
  },
];
