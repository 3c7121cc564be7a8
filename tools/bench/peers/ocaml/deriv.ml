(* deriv.ml - Symbolic derivatives, in OCaml.

   Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception *)

type expression =
  | Number of int
  | Variable of string
  | Sum of expression * expression
  | Product of expression * expression
  | Power of expression * expression
  | Logarithm of expression

let rec power_of base n =
  if n = 0 then 1
  else if n = 1 then base
  else
    let half = power_of base (n / 2) in
    half * half * if n mod 2 = 0 then 1 else base

let rec add x y =
  match (x, y) with
  | Number m, Number n -> Number (m + n)
  | Number 0, _ -> y
  | _, Number 0 -> x
  | _, Number _ -> add y x
  | Number m, Sum (Number n, rest) -> add (Number (m + n)) rest
  | _, Sum ((Number _ as n), rest) -> add n (add x rest)
  | Sum (first, rest), _ -> add first (add rest y)
  | _ -> Sum (x, y)

let rec multiply x y =
  match (x, y) with
  | Number m, Number n -> Number (m * n)
  | Number 0, _ -> x
  | _, Number 0 -> y
  | Number 1, _ -> y
  | _, Number 1 -> x
  | _, Number _ -> multiply y x
  | Number m, Product (Number n, rest) -> multiply (Number (m * n)) rest
  | _, Product ((Number _ as n), rest) -> multiply n (multiply x rest)
  | Product (first, rest), _ -> multiply first (multiply rest y)
  | _ -> Product (x, y)

let raise_to x y =
  match (x, y) with
  | Number m, Number n -> Number (power_of m n)
  | _, Number 0 -> Number 1
  | _, Number 1 -> x
  | Number 0, _ -> Number 0
  | _ -> Power (x, y)

let log_of = function Number 1 -> Number 0 | x -> Logarithm x

let rec derive by = function
  | Number _ -> Number 0
  | Variable name -> if String.equal by name then Number 1 else Number 0
  | Sum (f, g) -> add (derive by f) (derive by g)
  | Product (f, g) -> add (multiply f (derive by g)) (multiply g (derive by f))
  | Power (f, g) ->
    multiply (raise_to f g)
      (add
         (multiply (multiply g (derive by f)) (raise_to f (Number (-1))))
         (multiply (log_of f) (derive by g)))
  | Logarithm f -> multiply (derive by f) (raise_to f (Number (-1)))

let rec leaves = function
  | Number _ | Variable _ -> 1
  | Sum (f, g) | Product (f, g) | Power (f, g) -> leaves f + leaves g
  | Logarithm f -> leaves f

let () =
  let n = Size.of_run 10 in
  let x = Variable "x" in
  let rec run i e =
    if i <= n then begin
      let e = derive "x" e in
      Printf.printf "%d count: %d\n" i (leaves e);
      run (i + 1) e
    end
  in
  run 1 (raise_to x x);
  print_endline "done"
