-- Cfold.hs - Constant folding of a large expression, in Haskell.
--
-- Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
{-# LANGUAGE BangPatterns #-}

module Main (main) where

import qualified Size

data Expression
  = Number !Int
  | Variable !String
  | Sum !Expression !Expression
  | Product !Expression !Expression

make :: Int -> Int -> Expression
make 0 0 = Variable "1"
make 0 n = Number n
make depth n = Sum (make (depth - 1) (n + 1)) (make (depth - 1) (if n == 0 then 0 else n - 1))

-- Puts `end` at the end of a chain of sums.
appendSum :: Expression -> Expression -> Expression
appendSum (Sum first rest) end = Sum first (appendSum rest end)
appendSum chain end = Sum chain end

appendProduct :: Expression -> Expression -> Expression
appendProduct (Product first rest) end = Product first (appendProduct rest end)
appendProduct chain end = Product chain end

reassociate :: Expression -> Expression
reassociate (Sum l r) = appendSum (reassociate l) (reassociate r)
reassociate (Product l r) = appendProduct (reassociate l) (reassociate r)
reassociate e = e

fold :: Expression -> Expression
fold (Sum l r) = case (fold l, fold r) of
  (Number m, Number n) -> Number (m + n)
  (Number m, Sum other (Number n)) -> Sum (Number (m + n)) other
  (Number m, Sum (Number n) other) -> Sum (Number (m + n)) other
  (left, right) -> Sum left right
fold (Product l r) = case (fold l, fold r) of
  (Number m, Number n) -> Number (m * n)
  (Number m, Product other (Number n)) -> Product (Number (m * n)) other
  (Number m, Product (Number n) other) -> Product (Number (m * n)) other
  (left, right) -> Product left right
fold e = e

evaluate :: Expression -> Int
evaluate e = case e of
  Number n -> n
  Variable _ -> 0
  Sum l r -> evaluate l + evaluate r
  Product l r -> evaluate l * evaluate r

main :: IO ()
main = do
  n <- Size.ofRun 20
  let !e = make n 1
  print (evaluate e)
  print (evaluate (fold (reassociate e)))
