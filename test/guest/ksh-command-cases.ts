// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the text is for the shell

import type { GuestCase } from './guest-case.ts';

/** Simple commands, their status, lists, pipelines and redirections. */
export const kshCommandCases: readonly GuestCase[] = [
  {
    name: 'echo prints its arguments with one blank between',
    script: ['echo one   two "three  four" \'five  six\' seven\\ eight'],
    expect: ['one two three  four five  six seven eight'],
  },
  {
    name: 'echo -n leaves the newline out',
    script: ['echo -n one; echo two'],
    expect: ['onetwo'],
  },
  {
    name: 'single quotes keep everything',
    script: ['echo \'$HOME "*" \\\''],
    expect: ['$HOME "*" \\'],
  },
  {
    name: 'double quotes keep blanks and expand variables',
    script: ['x=\'a  b\'; echo "$x" $x'],
    expect: ['a  b a b'],
  },
  {
    name: 'a backslash quotes one character',
    script: ['echo \\$HOME \\"a\\" a\\\\b'],
    expect: ['$HOME "a" a\\b'],
  },
  {
    name: 'a comment ends the line',
    script: ['echo a # b'],
    expect: ['a'],
  },
  {
    name: 'adjacent pieces make one word',
    script: ['x=mid; echo pre"$x"\'post\'${x}s'],
    expect: ['premidpostmids'],
  },
  {
    name: 'commands are separated by semicolons',
    script: ['echo a; echo b; echo c'],
    expect: ['a', 'b', 'c'],
  },
  {
    name: '&& runs the next command after success only',
    script: ['true && echo yes; false && echo no'],
    expect: ['yes'],
  },
  {
    name: '|| runs the next command after failure only',
    script: ['false || echo yes; true || echo no'],
    expect: ['yes'],
  },
  {
    name: '! inverts a status',
    script: ['! true; echo $?; ! false; echo $?'],
    expect: ['1', '0'],
  },
  {
    name: '$? is the status of the last command',
    script: ["true; echo $?; false; echo $?; ksh -c 'exit 7'; echo $?"],
    expect: ['0', '1', '7'],
  },
  {
    name: 'a command that is not found gives 127',
    script: ['nosuchcommand; echo $?'],
    expect: ['ksh: nosuchcommand: not found', '127'],
  },
  {
    name: 'a path that is not there gives 127',
    script: ['/bin/nosuch; echo $?'],
    expect: ['ksh: /bin/nosuch: not found', '127'],
  },
  {
    name: 'a file without execute permission gives 126',
    script: ['/etc/passwd; echo $?'],
    expect: ['ksh: /etc/passwd: cannot execute - Permission denied', '126'],
  },
  {
    name: 'a directory is no command',
    script: ['/etc; echo $?'],
    expect: ['ksh: /etc: cannot execute - Is a directory', '126'],
  },
  {
    name: 'a command killed by a signal gives 128 and its number',
    script: ["ksh -c 'kill -TERM $$'; echo $?"],
    expect: ['Terminated', '143'],
  },
  {
    name: 'the shell itself can send signals',
    script: [
      'type kill; kill -l 143; kill 99998; kill -NOSUCH 1; kill -s; kill x; echo $?; kill -0 $$; echo $?',
    ],
    expect: [
      'kill is a shell builtin',
      'TERM',
      'ksh: kill: 99998: No such process',
      'ksh: kill: unknown signal NOSUCH',
      'ksh: kill: usage: kill [-s signal | -signal] pid ... | kill -l [status]',
      'ksh: kill: illegal process id: x',
      '1',
      '0',
    ],
  },
  {
    name: 'a command killed by SIGKILL is reported',
    script: ["ksh -c 'kill -KILL $$'; echo $?"],
    expect: ['Killed', '137'],
  },
  {
    name: 'a pipeline passes output on',
    script: ['echo one two three | wc -w'],
    expect: ['       3'],
  },
  {
    name: 'a pipeline of three commands',
    script: ['cat /etc/passwd | grep puffer | cat'],
    expect: ['puffer:*:1000:1000:Puffer:/home/puffer:/bin/ksh'],
  },
  {
    name: 'the status of a pipeline is that of its last command',
    script: ['false | true; echo $?; true | false; echo $?'],
    expect: ['0', '1'],
  },
  {
    name: 'a pipeline ends when its reader does',
    script: ['cat /bin/ksh | head -n 1 > /dev/null; echo $?'],
    expect: ['0'],
  },
  {
    name: 'output goes to a file and is appended',
    script: ['echo a > /tmp/r1; echo b >> /tmp/r1; cat < /tmp/r1'],
    expect: ['a', 'b'],
  },
  {
    name: 'a new redirection truncates',
    script: ['echo long line > /tmp/r1; echo s > /tmp/r1; cat /tmp/r1'],
    expect: ['s'],
  },
  {
    name: 'standard error is redirected on its own',
    script: ['ls /nosuch 2> /tmp/r2; cat /tmp/r2'],
    expect: ['ls: /nosuch: No such file or directory'],
  },
  {
    name: '2>&1 joins standard error to the output',
    script: ['ls /nosuch 2>&1 | wc -l'],
    expect: ['       1'],
  },
  {
    name: 'redirections happen from left to right',
    script: ['ls /nosuch 2>&1 > /dev/null | grep -c nosuch'],
    expect: ['1'],
  },
  {
    name: 'a closed descriptor cannot be written',
    script: ['echo x >&5; echo $?'],
    expect: ['ksh: 5: Bad file descriptor', '1'],
  },
  {
    name: 'exec opens a descriptor that stays',
    script: ['exec 5> /tmp/r5; echo five >&5; exec 5>&-; cat /tmp/r5'],
    expect: ['five'],
  },
  {
    name: 'a file that cannot be opened fails the command',
    script: ['cat < /nosuch; echo $?'],
    expect: ['ksh: cannot open /nosuch: No such file or directory', '1'],
  },
  {
    name: 'a file that cannot be created fails the command',
    script: ['echo x > /nosuch/file; echo $?'],
    expect: ['ksh: cannot create /nosuch/file: No such file or directory', '1'],
  },
  {
    name: "a builtin's redirection is undone",
    script: ['pwd > /tmp/r3; pwd; cat /tmp/r3'],
    expect: ['/', '/'],
  },
  {
    name: 'noclobber protects a file',
    script: ['echo 1 > /tmp/r4; set -C; echo 2 > /tmp/r4; echo 3 >| /tmp/r4; set +C; cat /tmp/r4'],
    expect: ['ksh: cannot create /tmp/r4: File exists', '3'],
  },
  {
    name: 'a here document is expanded',
    script: ['x=value', 'cat <<END', 'x is $x, $((1 + 1))', 'END'],
    expect: ['# cat <<END', '> x is $x, $((1 + 1))', '> END', 'x is value, 2'],
  },
  {
    name: 'a quoted here document is not',
    script: ["cat <<'END'", '$x `date`', 'END'],
    expect: ['> $x `date`', '> END', '$x `date`'],
  },
  {
    name: '<<- takes tabs away',
    script: ['cat <<-END', '\tindented', '\tEND'],
    expect: ['> \tindented', '> \tEND', 'indented'],
  },
];
