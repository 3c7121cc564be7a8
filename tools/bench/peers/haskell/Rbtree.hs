-- Rbtree.hs - Insertions into one red-black tree, in Haskell.
--
-- Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
module Main (main) where

import RedBlack
import qualified Size

fill :: Int -> Tree -> Tree
fill 0 t = t
fill n t = t `seq` fill key (setBlack (insertBelow t key (key `rem` 10 == 0)))
  where
    key = n - 1

main :: IO ()
main = do
  n <- Size.ofRun 4200000
  print (countTrue (fill n Leaf) 0)
