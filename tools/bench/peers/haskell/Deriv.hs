-- Deriv.hs - Symbolic derivatives, in Haskell.
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
  | Power !Expression !Expression
  | Logarithm !Expression

powerOf :: Int -> Int -> Int
powerOf _ 0 = 1
powerOf base 1 = base
powerOf base n = half * half * (if even n then 1 else base)
  where
    !half = powerOf base (n `quot` 2)

add :: Expression -> Expression -> Expression
add (Number m) (Number n) = Number (m + n)
add (Number 0) y = y
add x (Number 0) = x
add x y@(Number _) = add y x
add (Number m) (Sum (Number n) rest) = add (Number (m + n)) rest
add x (Sum n@(Number _) rest) = add n (add x rest)
add (Sum first rest) y = add first (add rest y)
add x y = Sum x y

multiply :: Expression -> Expression -> Expression
multiply (Number m) (Number n) = Number (m * n)
multiply x@(Number 0) _ = x
multiply _ y@(Number 0) = y
multiply (Number 1) y = y
multiply x (Number 1) = x
multiply x y@(Number _) = multiply y x
multiply (Number m) (Product (Number n) rest) = multiply (Number (m * n)) rest
multiply x (Product n@(Number _) rest) = multiply n (multiply x rest)
multiply (Product first rest) y = multiply first (multiply rest y)
multiply x y = Product x y

raise :: Expression -> Expression -> Expression
raise (Number m) (Number n) = Number (powerOf m n)
raise _ (Number 0) = Number 1
raise x (Number 1) = x
raise (Number 0) _ = Number 0
raise x y = Power x y

logOf :: Expression -> Expression
logOf (Number 1) = Number 0
logOf x = Logarithm x

derive :: String -> Expression -> Expression
derive by e = case e of
  Number _ -> Number 0
  Variable name -> if by == name then Number 1 else Number 0
  Sum f g -> add (derive by f) (derive by g)
  Product f g -> add (multiply f (derive by g)) (multiply g (derive by f))
  Power f g ->
    multiply
      (raise f g)
      ( add
          (multiply (multiply g (derive by f)) (raise f (Number (-1))))
          (multiply (logOf f) (derive by g))
      )
  Logarithm f -> multiply (derive by f) (raise f (Number (-1)))

leaves :: Expression -> Int
leaves e = case e of
  Number _ -> 1
  Variable _ -> 1
  Sum f g -> leaves f + leaves g
  Product f g -> leaves f + leaves g
  Power f g -> leaves f + leaves g
  Logarithm f -> leaves f

run :: Int -> Int -> Expression -> IO ()
run i n e
  | i > n = putStrLn "done"
  | otherwise = do
      let !next = derive "x" e
      putStrLn (show i ++ " count: " ++ show (leaves next))
      run (i + 1) n next

main :: IO ()
main = do
  n <- Size.ofRun 10
  let x = Variable "x"
  run 1 n (raise x x)
