-- Size.hs - The size that the command line says, or the full one.
--
-- Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
module Size (ofRun) where

import System.Environment (getArgs)

ofRun :: Int -> IO Int
ofRun full = do
  args <- getArgs
  return $ case args of
    size : _ -> read size
    [] -> full
