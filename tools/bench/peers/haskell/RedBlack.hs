-- RedBlack.hs - Red-black trees, of which insertion makes new nodes along its path.
--
-- Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
module RedBlack where

data Colour = Red | Black

data Tree = Leaf | Node !Colour !Tree !Int !Bool !Tree

isRed :: Tree -> Bool
isRed (Node Red _ _ _ _) = True
isRed _ = False

-- A black node whose left side may be red with a red child.
balanceLeft :: Tree -> Int -> Bool -> Tree -> Tree
balanceLeft below key value right = case below of
  Leaf -> Leaf
  Node _ (Node Red a kx vx b) ky vy c ->
    Node Red (Node Black a kx vx b) ky vy (Node Black c key value right)
  Node _ a kx vx (Node Red b ky vy c) ->
    Node Red (Node Black a kx vx b) ky vy (Node Black c key value right)
  Node _ a kx vx b -> Node Black (Node Red a kx vx b) key value right

balanceRight :: Tree -> Int -> Bool -> Tree -> Tree
balanceRight left key value below = case below of
  Leaf -> Leaf
  Node _ (Node Red b kx vx c) ky vy d ->
    Node Red (Node Black left key value b) kx vx (Node Black c ky vy d)
  Node _ b kx vx (Node Red c ky vy d) ->
    Node Red (Node Black left key value b) kx vx (Node Black c ky vy d)
  Node _ b kx vx c -> Node Black left key value (Node Red b kx vx c)

insertBelow :: Tree -> Int -> Bool -> Tree
insertBelow t key value = case t of
  Leaf -> Node Red Leaf key value Leaf
  Node Red l k v r
    | key < k -> Node Red (insertBelow l key value) k v r
    | key > k -> Node Red l k v (insertBelow r key value)
    | otherwise -> Node Red l key value r
  Node Black l k v r
    | key < k ->
        if isRed l
          then balanceLeft (insertBelow l key value) k v r
          else Node Black (insertBelow l key value) k v r
    | key > k ->
        if isRed r
          then balanceRight l k v (insertBelow r key value)
          else Node Black l k v (insertBelow r key value)
    | otherwise -> Node Black l key value r

setBlack :: Tree -> Tree
setBlack Leaf = Leaf
setBlack (Node _ l k v r) = Node Black l k v r

-- How many values are true.
countTrue :: Tree -> Int -> Int
countTrue Leaf before = before
countTrue (Node _ l _ v r) before =
  let left = countTrue l before
   in left `seq` countTrue r (if v then left + 1 else left)
