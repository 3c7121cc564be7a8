# many-blocks.py - A function with references that live in many blocks: for ../many-blocks.test.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import sys

blocks, held = int(sys.argv[1]), int(sys.argv[2])
ref = "ptr addrspace(77)"
print('target triple = "x86_64-unknown-linux-gnu"')
print(f"declare {ref} @make()\ndeclare void @use({ref})\ndeclare i1 @cond()")
print(f'declare void @take({ref} "cairn-owned")')
print(f"define void @f({ref} %p) {{")
for n in range(held):
    print(f"  %x{n} = call {ref} @make()")
print("  br label %b0")
for n in range(blocks):
    # On the way to some blocks a φ takes a reference that lives on, or that dies.
    taken = f"%x{n % held}"
    print(f"b{n}:\n  %c{n} = call i1 @cond()\n  br i1 %c{n}, label %t{n}, label %j{n}")
    print(f"t{n}:\n  call void @use({ref} %p)\n  br label %j{n}")
    print(f"j{n}:\n  %v{n} = phi {ref} [ {taken}, %t{n} ], [ null, %b{n} ]")
    print(f"  call void @take({ref} %v{n})\n  br label %b{n + 1}")
print(f"b{blocks}:")
for n in range(0, held, 2):
    print(f"  call void @use({ref} %x{n})")
print("  ret void\n}")
