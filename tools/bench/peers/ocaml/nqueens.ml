(* nqueens.ml - All ways to put n queens on a board, in OCaml.

   Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception *)

let rec is_safe (queen : int) distance = function
  | [] -> true
  | q :: rest ->
    queen <> q && queen <> q + distance && queen <> q - distance
    && is_safe queen (distance + 1) rest

let rec extend_one n board found =
  if n = 0 then found
  else extend_one (n - 1) board (if is_safe n 1 board then (n :: board) :: found else found)

let rec extend n all found =
  match all with [] -> found | board :: rest -> extend n rest (extend_one n board found)

let rec solve n queens = if queens = 0 then [ [] ] else extend n (solve n (queens - 1)) []

let () =
  let n = Size.of_run 13 in
  Printf.printf "%d\n" (List.length (solve n n))
