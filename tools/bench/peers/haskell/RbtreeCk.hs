-- RbtreeCk.hs - Insertions, and every fifth tree is kept, in Haskell.
--
-- Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
{-# LANGUAGE BangPatterns #-}

module Main (main) where

import RedBlack
import qualified Size

data List = Nil | Cons !Tree !List

insert :: Tree -> Int -> Bool -> Tree
insert t key value
  | isRed t = setBlack (insertBelow t key value)
  | otherwise = insertBelow t key value

fill :: Int -> Tree -> List -> List
fill 0 t kept = Cons t kept
fill n t kept = fill (n - 1) more (if n `rem` 5 == 0 then Cons more kept else kept)
  where
    !more = insert t n (n `rem` 10 == 0)

main :: IO ()
main = do
  n <- Size.ofRun 4200000
  case fill n Leaf Nil of
    Cons t _ -> print (countTrue t 0)
    Nil -> return ()
