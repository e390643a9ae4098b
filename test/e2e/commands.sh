#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# What holds for every command: help in two languages, exit codes, and errors
# on stderr as "vigie: WHAT: WHY".
cd "$TMPDIR" || exit 1

result() { # NAME STATUS
    if [ "$2" = 0 ]; then
        echo "ok $1"
    else
        echo "not ok $1"
        cat out err
    fi
}

refused() { # NAME COMMAND…: exit 2, nothing on stdout, a message of ours
    name=$1
    shift
    "$VIGIE" "$@" </dev/null >out 2>err
    status=$?
    [ $status = 2 ] && [ ! -s out ] && head -n 1 err | grep -q '^vigie: .*: .'
    result "$name" $?
}

refused "a command that does not exist is refused" no-such-command
refused "a language option does not hide that" --lang en no-such-command

"$VIGIE" </dev/null >out 2>err
[ $? = 2 ] && [ ! -s out ] && [ -s err ]
result "without a command the usage goes to stderr" $?

"$VIGIE" --help >out 2>err && [ ! -s err ] && grep -q '^  replay ' out
result "help goes to stdout" $?

"$VIGIE" --version >out 2>err && grep -q '^vigie [0-9]' out
result "the version is said" $?

commands=$("$VIGIE" --help | sed -n 's/^  \([a-z-]*\) .*/\1/p')
[ -n "$commands" ]
result "commands are listed" $?
for command in $commands; do
    "$VIGIE" "$command" --help --lang en >out 2>err &&
        [ ! -s err ] && grep -q "^Usage: vigie $command" out
    result "$command --help says how it is used" $?
    mv out english
    "$VIGIE" "$command" --help >out 2>err && ! cmp -s out english
    result "$command --help is French unless said" $?
    refused "$command refuses an option that it does not know" \
        "$command" --no-such-option
done
for command in scope alerts explain hunt who verify; do
    refused "$command wants a folder" "$command"
    refused "$command says where there is no ledger" "$command" \
        --data "$TMPDIR/none" Patient/42
done
