# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A program in Python with threads and a child, for tests that run it with the library's malloc.

`ended` is the child's exit status, 7.
"""

PYTHON = """
import json, os, threading
items = [{"a": i, "b": str(i) * 3} for i in range(20000)]
def work():
    for _ in range(5):
        assert json.loads(json.dumps(items[:2000])) == items[:2000]
threads = [threading.Thread(target=work) for _ in range(3)]
[t.start() for t in threads], [t.join() for t in threads]
child = os.fork()
if child == 0:
    work()
    os._exit(7)
ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""
