(* redblack.ml - Red-black trees, of which insertion makes new nodes along its path.

   Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception *)

type colour = Red | Black

type tree = Leaf | Node of colour * tree * int * bool * tree

let is_red = function Node (Red, _, _, _, _) -> true | _ -> false

(* A black node whose left side may be red with a red child. *)
let balance_left below key value right =
  match below with
  | Leaf -> Leaf
  | Node (_, Node (Red, a, kx, vx, b), ky, vy, c) ->
    Node (Red, Node (Black, a, kx, vx, b), ky, vy, Node (Black, c, key, value, right))
  | Node (_, a, kx, vx, Node (Red, b, ky, vy, c)) ->
    Node (Red, Node (Black, a, kx, vx, b), ky, vy, Node (Black, c, key, value, right))
  | Node (_, a, kx, vx, b) -> Node (Black, Node (Red, a, kx, vx, b), key, value, right)

let balance_right left key value below =
  match below with
  | Leaf -> Leaf
  | Node (_, Node (Red, b, kx, vx, c), ky, vy, d) ->
    Node (Red, Node (Black, left, key, value, b), kx, vx, Node (Black, c, ky, vy, d))
  | Node (_, b, kx, vx, Node (Red, c, ky, vy, d)) ->
    Node (Red, Node (Black, left, key, value, b), kx, vx, Node (Black, c, ky, vy, d))
  | Node (_, b, kx, vx, c) -> Node (Black, left, key, value, Node (Red, b, kx, vx, c))

let rec insert_below t (key : int) value =
  match t with
  | Leaf -> Node (Red, Leaf, key, value, Leaf)
  | Node (Red, l, k, v, r) ->
    if key < k then Node (Red, insert_below l key value, k, v, r)
    else if key > k then Node (Red, l, k, v, insert_below r key value)
    else Node (Red, l, key, value, r)
  | Node (Black, l, k, v, r) ->
    if key < k then
      if is_red l then balance_left (insert_below l key value) k v r
      else Node (Black, insert_below l key value, k, v, r)
    else if key > k then
      if is_red r then balance_right l k v (insert_below r key value)
      else Node (Black, l, k, v, insert_below r key value)
    else Node (Black, l, key, value, r)

let set_black = function Leaf -> Leaf | Node (_, l, k, v, r) -> Node (Black, l, k, v, r)

(* How many values are true. *)
let rec count_true t before =
  match t with
  | Leaf -> before
  | Node (_, l, _, v, r) ->
    let left = count_true l before in
    count_true r (if v then left + 1 else left)
