(* rbtree.ml - Insertions into one red-black tree, in OCaml.

   Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception *)

open Redblack

let rec fill n t =
  if n = 0 then t
  else
    let key = n - 1 in
    fill key (set_black (insert_below t key (key mod 10 = 0)))

let () = Printf.printf "%d\n" (count_true (fill (Size.of_run 4200000) Leaf) 0)
