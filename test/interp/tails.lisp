; Loops written as tail calls run in constant stack, whoever runs them.
(define (ping n log) (if (= n 0) log (pong (- n 1) log)))
(define (pong n log) (if (= n 0) log (ping (- n 1) log)))
(print (ping 300000 "done"))
(define (count n made) (cond ((= n 0) made) ((= (% n 1000) 0) (count (- n 1) (cons n made))) (else (count (- n 1) made))))
(print (length (count 300000 '())))
; Through a closure that is handed on, and through and, or and let.
(define (through f n) (or (and (= n 0) "through") (let ((m (- n 1))) (f f m))))
(print (through through 200000))
(print (let loop ((n 200000) (s "")) (if (= n 0) s (loop (- n 1) (if (= (% n 50000) 0) (string-append s "*") s)))))
; Arguments change places.
(define (swap n a b) (if (= n 0) (list a b) (swap (- n 1) b a)))
(print (swap 100001 '(left) "right"))
; A loop that is no tail call, nested in one.
(define (grid n) (let ((i 0) (made '())) (while (< i n) (let ((j 0) (row '())) (while (< j i) (set! row (cons j row)) (set! j (+ j 1))) (set! made (cons row made))) (set! i (+ i 1))) made))
(print (grid 6))
; A tail call to a function called without one.
(define (even? n) (if (= n 0) #t (odd? (- n 1))))
(define (odd? n) (if (= n 0) #f (even? (- n 1))))
(define (evens n) (if (= n 0) 0 (+ (if (even? n) 1 0) (evens (- n 1)))))
(print (evens 301))
; Deep, but not too deep; and a list of lists that is deep.
(define (depth n) (if (= n 0) 0 (+ 1 (depth (- n 1)))))
(print (depth 1000))
(define (nest n made) (if (= n 0) made (nest (- n 1) (list made))))
(define (unnest x n) (if (null? x) n (unnest (head x) (+ n 1))))
(print (unnest (nest 200000 '()) 0))
(print (equal? (nest 200000 '()) (nest 200000 '())))
