(* rbtree_ck.ml - Insertions, and every fifth tree is kept, in OCaml.

   Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception *)

open Redblack

let insert t key value =
  if is_red t then set_black (insert_below t key value) else insert_below t key value

let rec fill n t kept =
  if n = 0 then t :: kept
  else
    let t = insert t n (n mod 10 = 0) in
    fill (n - 1) t (if n mod 5 = 0 then t :: kept else kept)

let () = Printf.printf "%d\n" (count_true (List.hd (fill (Size.of_run 4200000) Leaf [])) 0)
