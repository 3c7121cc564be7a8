(print "before")
(print "a string
of two lines)
