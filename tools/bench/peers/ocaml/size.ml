(* size.ml - The size that the command line says, or the full one.

   Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
   SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception *)

let of_run full =
  if Array.length Sys.argv > 1 then int_of_string Sys.argv.(1) else full
