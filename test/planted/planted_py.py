# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Mistakes made from Python, one for each number.

    planted_py.py list | NUMBER

`list` prints the lines that `planted list` prints (planted.c). What is raised, and what is left
alive at the end, goes to stderr behind "cairn: ". With PLANTED_CHECKED=0 the heap is checked by
CAIRN_CHECK alone.
"""

import ctypes
import os
import sys
import threading

import cairn

rows = []
mem = cairn.MemoryManager(size=8 << 20, checked=os.environ.get("PLANTED_CHECKED") != "0")
JIT = """
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare ptr @cairn.malloc(i64)
define void @retain(ptr %p) {
  call void @cairn.incref(ptr %p)
  ret void
}
define void @drop(ptr %p) {
  call void @cairn.decref(ptr %p)
  ret void
}
define void @drop_twice(ptr %p) {
  call void @cairn.decref(ptr %p)
  call void @cairn.decref(ptr %p)
  ret void
}
define ptr @block() {
  %p = call ptr @cairn.malloc(i64 40)
  ret ptr %p
}
"""


def make_bytes():
    return mem.alloc(21)


def make_string():
    return mem.alloc_string("planted")


def make_array():
    return mem.alloc_array(9, 4)


def make_list():
    return mem.alloc_list()


def make_dict():
    return mem.alloc_dict()


OBJECTS = [("bytes object", make_bytes), ("bytes object", make_string), ("byte array", make_array),
           ("list", make_list), ("dict", make_dict)]


def plant(group, says, kind, make, mistake):
    rows.append((group, says, kind, make.__name__, mistake))


def dead(make):
    p = make()
    mem.decref(p)
    return p


def function(name):
    global jit
    jit = mem.jit()
    jit.add(JIT)
    return jit.function(name, "ptr()" if name == "block" else "void(ptr)", release_gil=name != "block")


def elsewhere(name, make):
    """Another thread counts an object of this one's."""
    call, p, errors = function(name), make(), []

    def work():
        try:
            call(p)
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]


def through_ctypes(make):
    """Past the end, by its address."""
    p = make()
    at = mem.memory.ctypes.data + p
    ctypes.memset(at, 7, 64)
    mem.decref(p)


def written_dead(make):
    p = make()
    at = mem.memory.ctypes.data + p
    mem.decref(p)
    ctypes.memset(at, 7, 4)
    mem.reset()


def through_a_view(make, byte):
    p = make()
    mem.memory[p - 8:p] = byte
    mem.decref(p)


for kind, make in OBJECTS:
    plant("Python: released twice", "freed already", kind, make, lambda make=make: mem.decref(dead(make)))
    plant("Python: dead object retained", "freed already", kind, make,
          lambda make=make: mem.incref(dead(make)))
    plant("Python: dead object read", "freed already", kind, make,
          lambda make=make: mem.read_i32(dead(make)))
    plant("Python: dead object stored", "freed already", kind, make,
          lambda make=make: mem.list_append_ptr(make_list(), dead(make)))
    plant("Python: a count never given back", "left alive", kind, make, lambda make=make: make())
    if make is not make_array:  # whose pointer JIT code does not take
        plant("Python: released twice in JIT code", "count is 0/object is dead/not a live", kind,
              make, lambda make=make: function("drop_twice")(make()))
        plant("Python: missing share", "cairn_share was not called", kind, make,
              lambda make=make: elsewhere("retain", make))
        plant("Python: missing share", "cairn_share was not called", kind, make,
              lambda make=make: elsewhere("drop", make))
    if make is not make_list:
        plant("Python: wrong type", "is not a list", kind, make,
              lambda make=make: mem.list_length(make()))
    if make is not make_dict:
        plant("Python: wrong type", "is not a dict", kind, make,
              lambda make=make: mem.dict_length(make()))
for kind, make in OBJECTS[:2]:
    plant("Python: wrong size", "wrong size", kind, make, lambda make=make: mem.free(make(), 9))
    plant("Python: written when dead, by ctypes", "after it was freed", kind, make,
          lambda make=make: written_dead(make))
    plant("Python: past the end, by ctypes", "written past its end", kind, make,
          lambda make=make: through_ctypes(make))
    for byte in 0x5A, 0xFF, 0:
        plant("Python: header written over", "written over/past its end/freed already/count", kind,
              make, lambda make=make, byte=byte: through_a_view(make, byte))


def main():
    if sys.argv[1] == "list":
        for i, row in enumerate(rows):
            print("|".join([str(i + 1), *row[:4]]))
        return
    # What a heap finds as it ends is no call's error.
    sys.unraisablehook = lambda found: print("cairn:", found.exc_value, file=sys.stderr)
    try:
        with mem:
            rows[int(sys.argv[1]) - 1][4]()
            jit = globals().pop("jit", None)
            if jit:
                jit.close()
    except Exception as error:
        print("cairn:", error, file=sys.stderr)
        sys.stderr.flush()
        os._exit(1)


if __name__ == "__main__":
    main()
