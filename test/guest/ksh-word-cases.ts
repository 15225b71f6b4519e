// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the text is for the shell

import type { GuestCase } from './guest-case.ts';

/** What the shell makes of words: variables, substitutions, arithmetic, patterns. */
export const kshWordCases: readonly GuestCase[] = [
  {
    name: 'variables are set and read',
    script: ['a=1 b=two; echo $a $b ${a}b'],
    expect: ['1 two 1b'],
  },
  {
    name: 'an assignment in front of a command is for it alone',
    script: ["v=outer; v=inner ksh -c 'echo $v'; echo $v"],
    expect: ['inner', 'outer'],
  },
  {
    name: 'export passes a variable to children',
    script: ['unset e; e=1; ksh -c \'echo "<$e>"\'; export e; ksh -c \'echo "<$e>"\''],
    expect: ['<>', '<1>'],
  },
  {
    name: 'unset removes a variable',
    script: ['u=1; unset u; echo "<$u>" ${u-unset}'],
    expect: ['<> unset'],
  },
  {
    name: 'readonly protects a variable',
    script: ["ksh -c 'readonly r=1; r=2; echo not reached'; echo $?"],
    expect: ['ksh: r: is read only', '1'],
  },
  {
    name: 'defaults for variables',
    script: ['unset d; echo ${d:-default} ${d:=set} $d ${d:+other} ${nope+x}'],
    expect: ['default set set other'],
  },
  {
    name: 'an error for a variable that is not set',
    script: ['echo ${nope:?is missing}; echo not reached'],
    expect: ['ksh: nope: is missing'],
  },
  {
    name: 'lengths and parts of values',
    script: ['p=/usr/bin/id; echo ${#p} ${p##*/} ${p%/*} ${p#*/} ${p%%/*}'],
    expect: ['11 id /usr/bin usr/bin/id'],
  },
  {
    name: 'set -u makes a missing variable an error',
    script: ["ksh -c 'set -u; echo $nope; echo not reached'; echo $?"],
    expect: ['ksh: nope: parameter not set', '1'],
  },
  {
    name: 'fields are split at blanks',
    script: ['f=\' a  b \'; for i in $f; do echo "<$i>"; done'],
    expect: ['<a>', '<b>'],
  },
  {
    name: 'IFS says where fields are split',
    script: ['IFS=:; f=a:b::c; for i in $f; do echo "<$i>"; done; unset IFS'],
    expect: ['<a>', '<b>', '<>', '<c>'],
  },
  {
    name: 'command substitution',
    script: ['echo $(echo inner; echo lines) `echo back`'],
    expect: ['inner lines back'],
  },
  {
    name: 'nested command substitution',
    script: ['echo $(echo $(echo deep) "$(echo \'in quotes)\')")'],
    expect: ['deep in quotes)'],
  },
  {
    name: 'the status of an assignment is that of its substitution',
    script: ['x=$(exit 4); echo $?'],
    expect: ['4'],
  },
  {
    name: 'arithmetic',
    script: [
      'echo $((1 + 2 * 3)) $(((1 + 2) * 3)) $((7 / 2)) $((-7 % 3)) $((1 << 4 | 1)) $((2 > 1 ? 10 : 20))',
    ],
    expect: ['7 9 3 -1 17 10'],
  },
  {
    name: 'arithmetic assigns',
    script: ['n=5; echo $((n += 2)) $n $((n == 7 && 1))'],
    expect: ['7 7 1'],
  },
  {
    name: 'division by zero is an error',
    script: ['echo $((1 / 0)); echo not reached'],
    expect: ['ksh: 1 / 0: zero divisor'],
  },
  {
    name: '* and ? match file names in order',
    script: ['cd /bin; echo l* ?s; cd /'],
    expect: ['ln ls ls ps'],
  },
  {
    name: 'sets match file names',
    script: ['echo /bin/[lp]s /bin/[!a-o]s'],
    expect: ['/bin/ls /bin/ps /bin/ps'],
  },
  {
    name: 'a pattern without a match stays',
    script: ['echo /nosuch/*'],
    expect: ['/nosuch/*'],
  },
  {
    name: 'quotes keep patterns',
    script: ['echo \'/bin/*\' "/bin/*" /bin/\\*'],
    expect: ['/bin/* /bin/* /bin/*'],
  },
  {
    name: 'patterns match in the middle of a path',
    script: ['echo /u*/bin/tru?'],
    expect: ['/usr/bin/true'],
  },
  {
    name: 'a leading period is matched by a period only',
    script: ['cd /tmp; echo x > .hidden; echo x > shown; echo *; echo .h*; rm .hidden shown; cd /'],
    expect: ['r1 r2 r3 r4 r5 shown', '.hidden'],
  },
];
