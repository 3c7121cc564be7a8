; One more than the largest is out of range.
(print 4611686018427387903)
(print 4611686018427387904)
