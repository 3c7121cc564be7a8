; What a global holds when a call begins is what is called, also if an argument stores something else there.
(define (count n)
  (if (= n 0)
      0
      (+ 1 (count (begin (set! count other) (- n 1))))))
(define (other n) (if (= n 0) 1000 (+ 100 (other (- n 1)))))
(define first count)
(print (count 3))
(set! count first)
(print (first 1))
(print (count 2))

; In tail position.
(define (walk n)
  (if (= n 0) 'walked (walk (begin (set! walk leave) (- n 1)))))
(define (leave n) (if (= n 0) 'left (leave (- n 1))))
(print (walk 5))
(print (walk 5))

; Another function of as many arguments, whose last owner was the global.
(define (make k) (lambda (n) (* n k)))
(define scale (make 7))
(define (use n) (if (< n 0) n (+ (scale (begin (set! scale '()) n)) 1)))
(print (use 6))
(set! scale (make 9))
(define (last n) (if (< n 0) n (scale (begin (set! scale '()) n))))
(print (last 6))

; Nothing that can be called: the argument comes first.
(define nothing 5)
(define (try n) (if (< n 0) n (+ 1 (nothing (begin (print n) n)))))
(try 3)
(define (end n) (if (< n 0) n (nothing (begin (print n) n))))
(end 4)
(define (gone n) (if (< n 0) n (+ 1 (missing (begin (print n) n)))))
(gone 5)
