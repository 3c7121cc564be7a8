; options: --heap=512k
; The heap is full while a list is taken apart, and what is found there afterwards is whole.
(define (grow xs) (grow (cons 1 xs)))
(define (numbers n) (let loop ((n n) (made '())) (if (= n 0) made (loop (- n 1) (cons (list n) made)))))
; The pair of xs is used up when its head goes to f.
(define (map f xs) (if (null? xs) '() (cons (f (head xs)) (map f (tail xs)))))
(define (fill x) (if (= (head x) 50) (grow (list x)) (list (+ 1 (head x)))))
(map fill (numbers 100))
(print "after a call")
; A closure is made between the last use of a pair, whose head goes as well, and the next pair.
(define (closures xs made)
  (if (null? xs)
      (closures (numbers 100) made)
      (closures (tail xs) (cons (+ 1 (head (head xs))) (lambda () made)))))
(closures (numbers 100) '())
(print "after closures")
(define (turn xs made) (if (null? xs) made (turn (tail xs) (cons (head xs) made))))
(print (head (turn (numbers 500) '())))
