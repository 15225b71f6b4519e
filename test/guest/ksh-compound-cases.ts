import type { GuestCase } from './guest-case.ts';

/** Compound commands, functions and builtins. */
export const kshCompoundCases: readonly GuestCase[] = [
  {
    name: 'if, elif and else',
    script: [
      'for n in 1 2 3; do if [ $n = 1 ]; then echo one; elif [ $n = 2 ]; then echo two; else echo many; fi; done',
    ],
    expect: ['one', 'two', 'many'],
  },
  {
    name: 'commands over several lines',
    script: ['if true', 'then echo yes', 'fi'],
    expect: ['> then echo yes', '> fi', 'yes'],
  },
  {
    name: 'while and until',
    script: [
      'i=0; while [ $i -lt 3 ]; do echo $i; i=$((i + 1)); done; until [ $i -eq 0 ]; do i=$((i - 1)); done; echo $i',
    ],
    expect: ['0', '1', '2', '0'],
  },
  {
    name: 'break and continue',
    script: [
      'for i in 1 2 3 4; do if [ $i = 2 ]; then continue; fi; if [ $i = 4 ]; then break; fi; echo $i; done',
    ],
    expect: ['1', '3'],
  },
  {
    name: 'break leaves several loops',
    script: ['for i in 1 2; do for j in a b; do echo $i$j; break 2; done; done'],
    expect: ['1a'],
  },
  {
    name: 'case',
    script: [
      'for w in foo.c bar.h baz; do case $w in *.c) echo source;; *.h|*.hh) echo header;; *) echo other;; esac; done',
    ],
    expect: ['source', 'header', 'other'],
  },
  {
    name: 'a loop reads from a pipe',
    script: ['cat /etc/group | while read line; do case $line in w*) echo "$line";; esac; done'],
    expect: ['wheel:*:0:root'],
  },
  {
    name: 'read splits a line',
    script: ['read a b <<END', 'one two three', 'END', 'echo "$a,$b"'],
    expect: ['> one two three', '> END', '# echo "$a,$b"', 'one,two three'],
  },
  {
    name: 'a subshell keeps its changes to itself',
    script: ['s=1; (s=2; cd /tmp; exit 3); echo $? $s; pwd'],
    expect: ['3 1', '/'],
  },
  {
    name: 'braces do not',
    script: ['s=1; { s=2; }; echo $s'],
    expect: ['2'],
  },
  {
    name: 'functions have parameters and a status',
    script: ['f() { echo "$# $1 $2"; return 3; }; f a \'b c\'; echo $?'],
    expect: ['2 a b c', '3'],
  },
  {
    name: 'functions call themselves',
    script: ['down() { if [ $1 -gt 0 ]; then echo $1; down $(($1 - 1)); fi; }; down 3'],
    expect: ['3', '2', '1'],
  },
  {
    name: '"$@" keeps the parameters apart',
    script: ['set -- \'a b\' c; for p in "$@"; do echo "<$p>"; done; for p in $*; do echo "<$p>"; done'],
    expect: ['<a b>', '<c>', '<a>', '<b>', '<c>'],
  },
  {
    name: 'shift drops parameters',
    script: ['set -- a b c; shift; echo $# $1; shift 2; echo $#'],
    expect: ['2 b', '0'],
  },
  {
    name: 'eval reads its arguments as commands',
    script: ["c='echo evaluated'; eval \"$c\" '; echo twice'"],
    expect: ['evaluated', 'twice'],
  },
  {
    name: 'set -e ends a shell at a failure',
    script: [
      "ksh -c 'set -e; false || echo handled; if false; then :; fi; false; echo not reached'; echo $?",
    ],
    expect: ['handled', '1'],
  },
  {
    name: 'set -x shows commands',
    script: ['set -x; echo a b; set +x'],
    expect: ['+ echo a b', 'a b', '+ set +x'],
  },
  {
    name: 'trap runs a command for a signal',
    script: ['ksh -c \'trap "echo caught" USR1; kill -USR1 $$; echo after\''],
    expect: ['caught', 'after'],
  },
  {
    name: 'trap runs a command at the end',
    script: ['ksh -c \'trap "echo bye" EXIT; exit 5\'; echo $?'],
    expect: ['bye', '5'],
  },
  {
    name: 'an ignored signal does nothing',
    script: ['ksh -c \'trap "" TERM; kill $$; echo alive\''],
    expect: ['alive'],
  },
  {
    name: 'test compares numbers and strings',
    script: ["[ 2 -gt 1 ] && [ a != b ] && [ ! -n '' ] && echo all; test x = y; echo $?"],
    expect: ['all', '1'],
  },
  {
    name: 'test looks at files',
    script: [
      '[ -d /etc -a -f /etc/passwd -a -c /dev/null ] && [ ! -e /nosuch ] && [ -x /bin/ls ] && echo all',
    ],
    expect: ['all'],
  },
  {
    name: 'type says what a command is',
    script: ['type cd ls export nosuch'],
    expect: [
      'cd is a shell builtin',
      'ls is /bin/ls',
      'export is a special shell builtin',
      'nosuch not found',
    ],
  },
  {
    name: 'cd goes to a directory and back',
    script: ['cd /usr/bin; pwd; cd -; cd; pwd; echo $OLDPWD'],
    expect: ['/usr/bin', '/', '/', '/'],
  },
  {
    name: 'cd to nowhere fails',
    script: ['cd /nosuch; echo $?'],
    expect: ['ksh: cd: /nosuch - No such file or directory', '1'],
  },
  {
    name: 'umask is kept by new files',
    script: ["umask 077; echo x > /tmp/m; umask 022; ls -l /tmp/m | grep -c '^-rw-------'; umask"],
    expect: ['1', '022'],
  },
  {
    name: 'exec replaces the shell',
    script: ['(exec echo replaced; echo not reached)'],
    expect: ['replaced'],
  },
  {
    name: 'a script runs by its name',
    script: ["echo 'echo script $1 $#' > /tmp/s; chmod +x /tmp/s; /tmp/s arg; ksh /tmp/s a b"],
    expect: ['script arg 1', 'script a 2'],
  },
  {
    name: 'a script names its interpreter',
    script: ["cat > /tmp/i <<'END'", '#!/bin/ksh', 'echo "$0: $*"', 'END', 'chmod 755 /tmp/i; /tmp/i 1 2'],
    expect: ['> #!/bin/ksh', '> echo "$0: $*"', '> END', '# chmod 755 /tmp/i; /tmp/i 1 2', '/tmp/i: 1 2'],
  },
  {
    name: 'an error in a script has its line',
    script: ["cat > /tmp/e <<'END'", 'echo before', 'nosuchcommand', 'fi', 'END', 'ksh /tmp/e; echo $?'],
    expect: [
      '> echo before',
      '> nosuchcommand',
      '> fi',
      '> END',
      '# ksh /tmp/e; echo $?',
      'before',
      'ksh: /tmp/e[2]: nosuchcommand: not found',
      "ksh: /tmp/e[3]: syntax error: `fi' unexpected",
      '1',
    ],
  },
  {
    name: 'wait gives the status of a child',
    script: ["ksh -c '(exit 9) & wait $!; echo $?'"],
    expect: ['9'],
  },
  {
    name: 'a background job leaves the shell free',
    script: ["ksh -c 'cat /etc/group > /dev/null & echo first; wait; echo second'"],
    expect: ['first', 'second'],
  },
];
