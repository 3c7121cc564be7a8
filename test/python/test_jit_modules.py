# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Modules of a session: what they share, and what holds them."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from conftest import live

from cairn import HeapError, IRError, MemoryManager


def test_finalisers_hold_their_module() -> None:
    mem = MemoryManager()
    jit = mem.jit()
    jit.add("""
      %type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
      @ran = global i32 0
      @t = internal global %type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr @end, ptr null }
      declare ptr @cairn.alloc(ptr)
      define internal void @end(ptr %p) {
        store i32 1, ptr @ran
        ret void
      }
      define ptr @make() {
        %p = call ptr @cairn.alloc(ptr @t)
        ret ptr %p
      }
      define i32 @result() {
        %v = load i32, ptr @ran
        ret i32 %v
      }
    """, name="final")
    ptr = jit.function("make", "ptr()")()
    with pytest.raises(IRError, match="finaliser"):
        jit.remove("final")
    with pytest.raises(IRError, match="finaliser"):
        jit.close()
    mem.decref(ptr)
    assert jit.function("result", "i32()")() == 1
    jit.remove("final")
    jit.close()
    mem.close()


def test_messages_about_objects_of_removed_modules() -> None:
    """Type and place of an object are known when its module is gone, and another in its place."""
    mem = MemoryManager(checked=True)
    jit = mem.jit()
    made: list[tuple[int, str]] = []
    for turn in range(3):
        for kind in ("first", "second"):
            name = f"{kind}{turn}"
            jit.add(f"""
              %type = type {{ i32, i16, i16, i32, i32, ptr, ptr, ptr }}
              @name = internal constant [{len(name) + 1} x i8] c"{name}\\00"
              @t = internal global %type {{ i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr @name }}
              declare ptr @cairn.alloc(ptr)
              define ptr @make_{name}() {{
                %p = call ptr @cairn.alloc(ptr @t)
                ret ptr %p
              }}
            """, name=name)
            made.append((jit.function(f"make_{name}", "ptr()")(), name))
        for kind in ("first", "second"):
            jit.remove(f"{kind}{turn}")
    for ptr, name in made:
        mem.decref(ptr)
        with pytest.raises(HeapError, match=f"dead object of type {name}, 16 bytes\n"
                           f"  made at make_{name} by thread"):
            mem.decref(ptr)
    jit.close()
    mem.close()


def test_session_dropped_with_finalisers_alive() -> None:
    mem = MemoryManager()
    jit = mem.jit()
    jit.add("""
      %type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
      @t = internal global %type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr @end, ptr null }
      declare ptr @cairn.alloc(ptr)
      define internal void @end(ptr %p) { ret void }
      define ptr @make() {
        %p = call ptr @cairn.alloc(ptr @t)
        ret ptr %p
      }
    """)
    ptr = jit.function("make", "ptr()")()
    del jit
    mem.decref(ptr)
    mem.close()


@pytest.mark.parametrize("linkage", ["weak", "weak_odr", "linkonce", "linkonce_odr"])
def test_weak_symbols_outlive_the_module_that_brought_them(linkage: str) -> None:
    def module(name: str) -> str:
        return f"""
          @state = {linkage} global i64 0
          define {linkage} i64 @helper(i64 %x) noinline {{
            %old = atomicrmw add ptr @state, i64 %x seq_cst
            ret i64 %old
          }}
          define i64 @{name}(i64 %v) {{
            %z = call i64 @helper(i64 %v)
            ret i64 %z
          }}
        """
    with MemoryManager() as mem, mem.jit() as jit:
        jit.add(module("fa"), name="a")
        jit.add(module("fb"), name="b")
        fa, fb = jit.function("fa", "i64(i64)"), jit.function("fb", "i64(i64)")
        helper = jit.function("helper", "i64(i64)")
        assert (fa(1), fb(1), helper(1)) == (0, 1, 2)
        jit.remove("a")
        assert fb(1) == 3
        jit.add(module("fa"), name="a")
        jit.remove("b")
        assert jit.function("fa", "i64(i64)")(1) == 4
        assert jit.modules() == ["a"]


def test_modules_that_use_each_other_are_closed() -> None:
    with MemoryManager() as mem, mem.jit() as jit:
        for own, other in (("ping", "pong"), ("pong", "ping")):
            jit.add(f"declare i64 @{other}(i64)\ndefine i64 @{own}(i64 %n) {{\n"
                    "  %z = icmp eq i64 %n, 0\n  br i1 %z, label %end, label %more\nmore:\n"
                    f"  %m = sub i64 %n, 1\n  %r = call i64 @{other}(i64 %m)\n  ret i64 %r\n"
                    "end:\n  ret i64 7\n}", name=own)
        assert jit.function("ping", "i64(i64)")(5) == 7
        for name in ("ping", "pong"):
            with pytest.raises(IRError, match="uses 'p[io]ng'"):
                jit.remove(name)


DESTRUCTORS = """
import cairn
mem = cairn.MemoryManager()
jit = mem.jit()
jit.add('''
  @object = global i8 33
  @line = internal constant [5 x i8] c"gone\\\\00"
  @__dso_handle = external hidden global i8
  @llvm.global_ctors = appending global [1 x { i32, ptr, ptr }]
    [{ i32, ptr, ptr } { i32 65535, ptr @init, ptr null }]
  declare i32 @__cxa_atexit(ptr, ptr, ptr)
  declare i32 @atexit(ptr)
  declare i32 @puts(ptr)
  declare i32 @fflush(ptr)
  define internal void @destroy(ptr %p) {
    store i8 0, ptr %p
    call void @say()
    ret void
  }
  define internal void @say() {
    call i32 @puts(ptr @line)
    call i32 @fflush(ptr null)
    ret void
  }
  define internal void @init() {
    call i32 @__cxa_atexit(ptr @destroy, ptr @object, ptr @__dso_handle)
    call i32 @atexit(ptr @say)
    ret void
  }
  define i8 @get() {
    %v = load i8, ptr @object
    ret i8 %v
  }
''', name="m")
print(jit.function("get", "i8()")(), flush=True)
"""


@pytest.mark.parametrize("end, expected", [
    ("jit.remove('m')", "33\ngone\ngone\nend\n"),
    ("jit.close(); mem.close()", "33\ngone\ngone\nend\n"),
    ("", "33\nend\ngone\ngone\n"),
    ("jit = [jit]; jit.append(jit)", "33\nend\ngone\ngone\n"),
    ("import builtins; builtins.kept = jit", "33\nend\ngone\ngone\n"),
])
def test_destructors_run_when_their_module_goes(end: str, expected: str) -> None:
    script = DESTRUCTORS + end + "\nprint('end', flush=True)\n"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                         timeout=60, check=False)
    assert (run.stdout, run.returncode) == (expected, 0), run.stderr


def test_thread_local_variables() -> None:
    with MemoryManager() as mem, mem.jit() as jit:
        jit.add("""
          @count = thread_local global i64 5
          define i64 @next() {
            %old = load i64, ptr @count
            %new = add i64 %old, 1
            store i64 %new, ptr @count
            ret i64 %new
          }
        """, name="local")
        following = jit.function("next", "i64()")
        seen = [following(), following()]
        thread = threading.Thread(target=lambda: seen.append(following()))
        thread.start()
        thread.join()
        assert seen + [following()] == [6, 7, 6, 8]


def test_hidden_symbols_are_those_of_the_session() -> None:
    """-fvisibility=hidden hides from other libraries, not from the rest of the program."""
    jit = MemoryManager().jit()
    jit.add("define hidden i64 @one() {\n  ret i64 1\n}", name="one")
    jit.add(
        "declare hidden i64 @one()\n"
        "define hidden i64 @two() {\n"
        "  %x = call i64 @one()\n  %y = add i64 %x, 1\n  ret i64 %y\n}"
    )
    assert jit.function("one", "i64()")() == 1
    assert jit.function("two", "i64()")() == 2


THROWS = """
declare ptr @__cxa_allocate_exception(i64)
declare void @__cxa_throw(ptr, ptr, ptr)
declare ptr @__cxa_begin_catch(ptr)
declare void @__cxa_end_catch()
declare i32 @__gxx_personality_v0(...)
@_ZTIl = external constant ptr
@_ZSt15__once_callable = external thread_local global ptr

define void @throw(i64 %x) {
  %e = call ptr @__cxa_allocate_exception(i64 8)
  store i64 %x, ptr %e
  call void @__cxa_throw(ptr %e, ptr @_ZTIl, ptr null)
  unreachable
}
define i64 @catch(i64 %x) personality ptr @__gxx_personality_v0 {
  invoke void @throw(i64 %x) to label %no unwind label %pad
no:
  unreachable
pad:
  %caught = landingpad { ptr, i32 } catch ptr @_ZTIl
  %e = extractvalue { ptr, i32 } %caught, 0
  %p = call ptr @__cxa_begin_catch(ptr %e)
  %v = load i64, ptr %p
  call void @__cxa_end_catch()
  ret i64 %v
}
define i64 @once() {
  store ptr @throw, ptr @_ZSt15__once_callable
  %p = load ptr, ptr @_ZSt15__once_callable
  %same = icmp eq ptr %p, @throw
  %r = zext i1 %same to i64
  ret i64 %r
}
"""


def test_the_cxx_library_is_found_where_it_is_not_global() -> None:
    """Python loads an extension, and the libraries it needs, for itself."""
    text = f"""
import cairn
jit = cairn.MemoryManager().jit()
jit.add({THROWS!r})
print(jit.function("catch", "i64(i64)")(41), jit.function("once", "i64()")())
"""
    # A process of its own: others here may have made the library global.
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("41 1\n", "")
