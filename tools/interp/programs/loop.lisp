; A hot loop over integers: how many steps the numbers up to n take to reach 1.
(define (steps n)
  (let ((k 0))
    (while (> n 1)
      (set! n (if (= (% n 2) 0) (/ n 2) (+ (* 3 n) 1)))
      (set! k (+ k 1)))
    k))

(define (total n)
  (let loop ((i 1) (sum 0))
    (if (> i n) sum (loop (+ i 1) (+ sum (steps i))))))

(print (total 300000))
