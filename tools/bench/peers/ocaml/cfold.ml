(* cfold.ml - Constant folding of a large expression, in OCaml.

   Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception *)

type expression =
  | Number of int
  | Variable of string
  | Sum of expression * expression
  | Product of expression * expression

let rec make depth n =
  if depth = 0 then if n = 0 then Variable "1" else Number n
  else
    let left = make (depth - 1) (n + 1) in
    Sum (left, make (depth - 1) (if n = 0 then 0 else n - 1))

(* Puts `last` at the end of a chain of sums. *)
let rec append_sum chain last =
  match chain with
  | Sum (first, rest) -> Sum (first, append_sum rest last)
  | _ -> Sum (chain, last)

let rec append_product chain last =
  match chain with
  | Product (first, rest) -> Product (first, append_product rest last)
  | _ -> Product (chain, last)

let rec reassociate = function
  | Sum (l, r) ->
    let left = reassociate l in
    append_sum left (reassociate r)
  | Product (l, r) ->
    let left = reassociate l in
    append_product left (reassociate r)
  | e -> e

let rec fold = function
  | Sum (l, r) -> begin
    let left = fold l in
    match (left, fold r) with
    | Number m, Number n -> Number (m + n)
    | Number m, (Sum (other, Number n) | Sum (Number n, other)) -> Sum (Number (m + n), other)
    | _, right -> Sum (left, right)
  end
  | Product (l, r) -> begin
    let left = fold l in
    match (left, fold r) with
    | Number m, Number n -> Number (m * n)
    | Number m, (Product (other, Number n) | Product (Number n, other)) ->
      Product (Number (m * n), other)
    | _, right -> Product (left, right)
  end
  | e -> e

let rec evaluate = function
  | Number n -> n
  | Variable _ -> 0
  | Sum (l, r) -> evaluate l + evaluate r
  | Product (l, r) -> evaluate l * evaluate r

let () =
  let e = make (Size.of_run 20) 1 in
  let before = evaluate e in
  Printf.printf "%d\n%d\n" before (evaluate (fold (reassociate e)))
