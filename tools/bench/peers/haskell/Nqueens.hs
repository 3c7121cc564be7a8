-- Nqueens.hs - All ways to put n queens on a board, in Haskell.
--
-- Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
module Main (main) where

import qualified Size

-- The columns of the queens so far.
data Board = Empty | Queen !Int !Board

data Boards = None | More !Board !Boards

isSafe :: Int -> Int -> Board -> Bool
isSafe _ _ Empty = True
isSafe queen distance (Queen q rest) =
  queen /= q && queen /= q + distance && queen /= q - distance
    && isSafe queen (distance + 1) rest

extendOne :: Int -> Board -> Boards -> Boards
extendOne 0 _ found = found
extendOne n board found
  | isSafe n 1 board = extendOne (n - 1) board (More (Queen n board) found)
  | otherwise = extendOne (n - 1) board found

extend :: Int -> Boards -> Boards -> Boards
extend _ None found = found
extend n (More board rest) found = extend n rest (extendOne n board found)

solve :: Int -> Int -> Boards
solve _ 0 = More Empty None
solve n queens = extend n (solve n (queens - 1)) None

count :: Boards -> Int -> Int
count None before = before
count (More _ rest) before = count rest (before + 1)

main :: IO ()
main = do
  n <- Size.ofRun 13
  print (count (solve n n) 0)
