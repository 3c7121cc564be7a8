(print "before")
; The list that starts here does not end.
(print (+ 1 2)
