# random_programs.py - Random programs in every mode of the interpreter.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   random_programs.py INTERPRETER COUNT [SEED]
#
# Most expressions are right and some are not: a program prints, fails in some forms,
# and goes on. Output and errors must not depend on what is compiled; the interpreter
# fails with a message of its own if its heap is not empty at the end.

import random
import subprocess
import sys
import tempfile

MODES = [
    ["--jit=never"],
    ["--jit=hot", "--threshold=2"],
    ["--jit=always"],
    ["--jit=always", "-O0"],
    ["--jit=always", "--checked"],
]
UNARY = ["not", "null?", "pair?", "string?", "number?", "function?", "reverse", "length"]
COMPARE = ["<", ">", "<=", ">=", "="]


class Generator:
    """Expressions of a kind: n(umber), s(tring), l(ist), f(unction of one), any."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.functions = []  # (name, kinds of parameters, kind of result)
        self.names = 0

    def pick(self, *choices):
        return self.random.choice(choices)

    def name(self):
        self.names += 1
        return f"v{self.names}"

    def expression(self, kind, scope, depth):
        if kind == "fuel":  # what bounds recursion: a call has less of it
            return "2" if ("2", "fuel") in scope else "(- fuel 2)"
        if self.random.random() < 0.02:  # sometimes of another kind: an error, or not
            kind = self.pick("n", "s", "l", "f")
        if kind == "any":
            kind = self.pick("n", "s", "l", "f")
        here = [name for name, k in scope if k == kind]
        if here and self.random.random() < (0.35 if depth else 0.8):
            return self.random.choice(here)
        if depth <= 0:
            return {
                "n": str(self.random.choice([0, 1, 2, 3, 7, -1, -5, 100, 2**61, -(2**62)])),
                "s": self.pick('""', '"a"', '"longer"'),
                "l": self.pick("'()", "'(1 2 3)", '\'("x" (4))'),
                "f": "(lambda (x) x)",
            }[kind]
        e = lambda k, s=scope: self.expression(k, s, depth - 1)
        shape = self.random.random()
        if shape < 0.12:
            return f"(if {self.condition(scope, depth - 1)} {e(kind)} {e(kind)})"
        if shape < 0.24:
            bindings, inner = [], list(scope)
            for _ in range(self.pick(1, 2)):
                k, name = self.pick("n", "s", "l", "f"), self.name()
                bindings.append(f"({name} {e(k)})")
                inner.append((name, k))
            return f"(let ({' '.join(bindings)}) {self.expression(kind, inner, depth - 1)})"
        if shape < 0.34:
            k, name = self.pick("n", "s", "l"), self.name()
            body = self.expression(kind, scope + [(name, k)], depth - 1)
            return f"((lambda ({name}) {body}) {e(k)})"
        if shape < 0.42:
            return f"(begin {e('any')} {e(kind)})"
        callable_ = [f for f in self.functions if f[2] == kind]
        if shape < 0.56 and callable_:
            name, kinds, _ = self.random.choice(callable_)
            return f"({name} {' '.join(e(k) for k in kinds)})"
        if shape < 0.62:
            i, made = self.name(), self.name()
            step = self.expression(kind, scope + [(i, "n"), (made, kind)], depth - 2)
            return (
                f"(let loop{i} (({i} 0) ({made} {e(kind)}))"
                f" (if (< {i} {self.pick(0, 1, 3)}) (loop{i} (+ {i} 1) {step}) {made}))"
            )
        if shape < 0.68:
            i, made = self.name(), self.name()
            # Assigned variables are not captured: no lambda may see them.
            step = self.expression(kind, scope, depth - 2)
            return (
                f"(let (({i} 0) ({made} {e(kind)})) (while (< {i} 3) (set! {made} {step})"
                f" (set! {i} (+ {i} 1))) {made})"
            )
        if kind == "n":
            choice = self.random.random()
            if choice < 0.6:
                return f"({self.pick('+', '-', '*', '/', '%')} {e('n')} {e('n')})"
            return self.pick(f"(length {e('l')})", f"(string-length {e('s')})", f"({e('f')} {e('n')})")
        if kind == "s":
            return self.pick(
                f"(string-append {e('s')} {e('s')})", f"(number->string {e('n')})", f"({e('f')} {e('s')})"
            )
        if kind == "l":
            return self.pick(
                f"(cons {e('any')} {e('l')})",
                f"(cons {e('n')} {e('l')})",
                f"(tail {e('l')})",
                f"(list {e('any')} {e('any')})",
                f"(reverse {e('l')})",
                f"({e('f')} {e('l')})",
            )
        x = self.name()
        captured = self.expression("any", scope + [(x, "n")], depth - 1)
        return self.pick(f"(lambda ({x}) (begin {captured} {x}))", "(lambda (x) x)")

    def condition(self, scope, depth):
        e = lambda k: self.expression(k, scope, depth - 1)
        return self.pick(
            f"({self.pick(*COMPARE)} {e('n')} {e('n')})",
            f"({self.pick(*UNARY[:6])} {e('any')})",
            f"(equal? {e('any')} {e('any')})",
            f"({self.pick('and', 'or')} {e('any')} (null? {e('l')}))",
        )

    def program(self):
        forms = []
        for i in range(self.random.randint(2, 5)):
            kinds = [self.pick("n", "s", "l", "f") for _ in range(self.random.randint(0, 3))]
            kind = self.pick("n", "s", "l")
            scope = [(f"p{k}", kinds[k]) for k in range(len(kinds))]
            parameters = " ".join(["fuel"] + [name for name, _ in scope])
            # It may call itself and those before it, while there is fuel.
            self.functions.append((f"f{i}", ["fuel"] + kinds, kind))
            body = self.expression(kind, scope, 4)
            forms.append(
                f"(define (f{i} {parameters})\n  (if (< fuel 1) {self.expression(kind, scope, 1)}\n"
                f"    {body}))"
            )
        for _ in range(12):
            forms.append(f"(print {self.expression('any', [('2', 'fuel')], 4)})")
        return "\n".join(forms) + "\n"


def run(interpreter, mode, path, seconds):
    try:
        r = subprocess.run([interpreter, *mode, path], capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return "timeout"
    return r.returncode, r.stdout, r.stderr


def main():
    interpreter, count = sys.argv[1], int(sys.argv[2])
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    bad = printed = failed = 0
    for seed in range(first, first + count):
        with tempfile.NamedTemporaryFile("w", suffix=".lisp") as f:
            f.write(Generator(seed).program())
            f.flush()
            wanted = run(interpreter, MODES[0], f.name, 3)
            if wanted == "timeout":  # a loop of loops of calls
                continue
            printed += wanted[1].count(b"\n")
            failed += wanted[2].count(b"\n")
            for mode in MODES:
                got = wanted if mode == MODES[0] else run(interpreter, mode, f.name, 120)
                if got != wanted or got[0] not in (0, 1) or b"are left" in got[2]:
                    bad += 1
                    print(f"seed {seed}, {' '.join(mode)}:\n{got}\nnot as interpreted:\n{wanted}")
    print(f"{count} programs: {printed} lines printed, {failed} errors, {bad} differences")
    return 1 if bad or not printed else 0


sys.exit(main())
