; options: --threshold=3
; Lists, strings and closures that go between interpreted and compiled functions: the
; threshold is low, so that each function is interpreted first and compiled later,
; while the objects live on.
(define (compose f g) (lambda (x) (f (g x))))
(define (repeat n f x) (if (= n 0) x (repeat (- n 1) f (f x))))
(define (map f xs) (if (null? xs) '() (cons (f (head xs)) (map f (tail xs)))))
(define (fold f start xs) (if (null? xs) start (fold f (f start (head xs)) (tail xs))))
(define (range a b) (if (< a b) (cons a (range (+ a 1) b)) '()))
(define (join words between)
  (if (null? words)
      ""
      (fold (lambda (made word) (string-append made between word)) (head words) (tail words))))

; A list made before and after its maker is compiled, of closures of both kinds.
(define (counter step) (lambda (n) (+ n step)))
(define made (map counter (range 0 8)))
(print (map (lambda (f) (f 100)) made))
(print ((fold compose (lambda (x) x) made) 0))

; A string that grows in turns, one interpreted, the next compiled.
(define (shout s) (string-append s "!"))
(print (repeat 10 shout "cairn"))
(print (join (map number->string (range 0 12)) ", "))

; A closure that captures a list, a string and a closure, called often and once.
(define (describe name items f)
  (lambda (extra) (list name (length items) (map f items) extra)))
(define d (describe "squares" '(1 2 3 4 5) (lambda (x) (* x x))))
(print (d 'once))
(print (repeat 6 (lambda (x) (head (list x (d x)))) "often"))
(print (length (repeat 6 d '())))

; Shared structure: two lists with one tail, one of them dropped.
(define base (range 0 5))
(define (extend xs) (cons "x" xs))
(define long (repeat 5 extend base))
(define short (extend base))
(set! long '())
(print short base)

; A function that calls itself through a value that changes on the way.
(define (first n) (if (= n 0) "first" (begin (if (= n 5) (set! first second) 0) (first (- n 1)))))
(define (second n) (if (= n 0) "second" (second (- n 1))))
(print (first 10))
(define keep (lambda (n) (if (= n 0) '() (begin (set! keep (lambda (n) (list "new" n))) (keep (- n 1))))))
(print (keep 3))
(define (sum xs) (if (null? xs) 0 (+ (head xs) (sum (tail xs)))))
(print (sum (range 0 100)) (sum (map (lambda (s) (string-length s)) (map number->string (range 0 50)))))
