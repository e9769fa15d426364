;; The two passes of resample.ts, four taps or eight samples at a time. Exact: every sum is of 32-bit integers.
;;
;; A weight of 22 bits after the point is too long for a product of 16-bit numbers, so it comes in two halves,
;; weight = high * 2048 + low with 0 <= low < 2048, and so does each sum. How weights
;; lie in memory: packWeights in resample-passes.ts. The table of weights: bicubic-table.ts.
;;
;; Loads reach up to 15 bytes past what is used, stores up to 7; the caller leaves room behind every region.
(module
  (memory (export "memory") 1)

  ;; Horizontal pass: `n_rows` rows of pixels of three bytes, `row_bytes` apart -> rows of `columns` pixels.
  ;; axis: for each column of the result four integers: where its first pixel begins in the row in bytes, its number of
  ;; blocks of four taps, where its weights lie, and the weight that falls outside of the picture.
  ;; fill: the colour outside as three integers and one more.
  (func (export "resizeRows")
    (param $rgb i32) (param $row_bytes i32) (param $n_rows i32) (param $axis i32) (param $columns i32)
    (param $fill i32) (param $out i32)
    (local $row_end i32) (local $column i32) (local $column_end i32) (local $from i32) (local $weights i32)
    (local $blocks i32) (local $taps v128) (local $fill_colour v128) (local $pair v128) (local $high v128) (local $low v128)
    (local.set $fill_colour (v128.load (local.get $fill)))
    (local.set $row_end (i32.add (local.get $rgb) (i32.mul (local.get $row_bytes) (local.get $n_rows))))
    (local.set $column_end (i32.add (local.get $axis) (i32.shl (local.get $columns) (i32.const 4))))
    (block $no_rows
      (br_if $no_rows (i32.eqz (local.get $n_rows)))
      (loop $rows
        (local.set $column (local.get $axis))
        (loop $columns
          (local.set $from (i32.add (local.get $rgb) (i32.load (local.get $column))))
          (local.set $blocks (i32.load offset=4 (local.get $column)))
          (local.set $weights (i32.load offset=8 (local.get $column)))
          (local.set $high (v128.const i32x4 0 0 0 0))
          ;; Half, so that the shift rounds.
          (local.set $low
            (i32x4.add
              (v128.const i32x4 0x200000 0x200000 0x200000 0x200000)
              (i32x4.mul (local.get $fill_colour) (i32x4.splat (i32.load offset=12 (local.get $column))))))
          (block $no_taps
            (br_if $no_taps (i32.eqz (local.get $blocks)))
            (loop $four_taps
              (local.set $taps (v128.load (local.get $from)))
              ;; r0 r1 g0 g1 b0 b1 0 0 as 16-bit numbers
              (local.set $pair
                (i8x16.swizzle (local.get $taps)
                  (v128.const i8x16 0 0x80 3 0x80 1 0x80 4 0x80 2 0x80 5 0x80 0x80 0x80 0x80 0x80)))
              (local.set $high
                (i32x4.add (local.get $high)
                  (i32x4.dot_i16x8_s (local.get $pair) (v128.load32_splat (local.get $weights)))))
              (local.set $low
                (i32x4.add (local.get $low)
                  (i32x4.dot_i16x8_s (local.get $pair) (v128.load32_splat offset=4 (local.get $weights)))))
              ;; r2 r3 g2 g3 b2 b3 0 0
              (local.set $pair
                (i8x16.swizzle (local.get $taps)
                  (v128.const i8x16 6 0x80 9 0x80 7 0x80 10 0x80 8 0x80 11 0x80 0x80 0x80 0x80 0x80)))
              (local.set $high
                (i32x4.add (local.get $high)
                  (i32x4.dot_i16x8_s (local.get $pair) (v128.load32_splat offset=8 (local.get $weights)))))
              (local.set $low
                (i32x4.add (local.get $low)
                  (i32x4.dot_i16x8_s (local.get $pair) (v128.load32_splat offset=12 (local.get $weights)))))
              (local.set $from (i32.add (local.get $from) (i32.const 12)))
              (local.set $weights (i32.add (local.get $weights) (i32.const 16)))
              (br_if $four_taps (local.tee $blocks (i32.sub (local.get $blocks) (i32.const 1))))))
          (local.set $low
            (i32x4.shr_s
              (i32x4.add (i32x4.shl (local.get $high) (i32.const 11)) (local.get $low))
              (i32.const 22)))
          (local.set $low (i16x8.narrow_i32x4_s (local.get $low) (local.get $low)))
          (v128.store32_lane 0 (local.get $out) (i8x16.narrow_i16x8_u (local.get $low) (local.get $low)))
          (local.set $out (i32.add (local.get $out) (i32.const 3)))
          (br_if $columns
            (i32.lt_u (local.tee $column (i32.add (local.get $column) (i32.const 16))) (local.get $column_end))))
        (br_if $rows
          (i32.lt_u (local.tee $rgb (i32.add (local.get $rgb) (local.get $row_bytes))) (local.get $row_end))))))

  ;; Vertical pass for one row of the result: `n_pairs` pairs of rows of `row_bytes` samples -> `row_bytes` samples.
  ;; weights: for each pair of rows the two high halves, then the two low ones. outside: the weight that falls outside of
  ;; the picture. fill: the colour outside for each sample, as integers.
  (func (export "resizeColumns")
    (param $rows i32) (param $row_bytes i32) (param $n_pairs i32) (param $weights i32) (param $outside i32)
    (param $fill i32) (param $out i32)
    (local $sample_end i32) (local $from i32) (local $weight i32) (local $weights_end i32) (local $pairs v128)
    (local $left v128) (local $right v128) (local $high_left v128) (local $high_right v128) (local $low_left v128)
    (local $low_right v128) (local $weight_high v128) (local $weight_low v128)
    (local.set $sample_end (i32.add (local.get $rows) (local.get $row_bytes)))
    (local.set $weights_end (i32.add (local.get $weights) (i32.shl (local.get $n_pairs) (i32.const 3))))
    (loop $samples
      (local.set $from (local.get $rows))
      (local.set $weight (local.get $weights))
      (local.set $high_left (v128.const i32x4 0 0 0 0))
      (local.set $high_right (v128.const i32x4 0 0 0 0))
      (local.set $low_left
        (i32x4.add
          (v128.const i32x4 0x200000 0x200000 0x200000 0x200000)
          (i32x4.mul (v128.load (local.get $fill)) (i32x4.splat (local.get $outside)))))
      (local.set $low_right
        (i32x4.add
          (v128.const i32x4 0x200000 0x200000 0x200000 0x200000)
          (i32x4.mul (v128.load offset=16 (local.get $fill)) (i32x4.splat (local.get $outside)))))
      (block $no_taps
        (br_if $no_taps (i32.eqz (local.get $n_pairs)))
        (loop $two_rows
          ;; Eight samples of two rows, next to each other.
          (local.set $pairs
            (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
              (v128.load64_zero (local.get $from))
              (v128.load64_zero (i32.add (local.get $from) (local.get $row_bytes)))))
          (local.set $left (i16x8.extend_low_i8x16_u (local.get $pairs)))
          (local.set $right (i16x8.extend_high_i8x16_u (local.get $pairs)))
          (local.set $weight_high (v128.load32_splat (local.get $weight)))
          (local.set $weight_low (v128.load32_splat offset=4 (local.get $weight)))
          (local.set $high_left
            (i32x4.add (local.get $high_left) (i32x4.dot_i16x8_s (local.get $left) (local.get $weight_high))))
          (local.set $high_right
            (i32x4.add (local.get $high_right) (i32x4.dot_i16x8_s (local.get $right) (local.get $weight_high))))
          (local.set $low_left
            (i32x4.add (local.get $low_left) (i32x4.dot_i16x8_s (local.get $left) (local.get $weight_low))))
          (local.set $low_right
            (i32x4.add (local.get $low_right) (i32x4.dot_i16x8_s (local.get $right) (local.get $weight_low))))
          (local.set $from (i32.add (local.get $from) (i32.shl (local.get $row_bytes) (i32.const 1))))
          (br_if $two_rows
            (i32.lt_u (local.tee $weight (i32.add (local.get $weight) (i32.const 8))) (local.get $weights_end)))))
      (local.set $left
        (i16x8.narrow_i32x4_s
          (i32x4.shr_s
            (i32x4.add (i32x4.shl (local.get $high_left) (i32.const 11)) (local.get $low_left))
            (i32.const 22))
          (i32x4.shr_s
            (i32x4.add (i32x4.shl (local.get $high_right) (i32.const 11)) (local.get $low_right))
            (i32.const 22))))
      (v128.store64_lane 0 (local.get $out) (i8x16.narrow_i16x8_u (local.get $left) (local.get $left)))
      (local.set $out (i32.add (local.get $out) (i32.const 8)))
      (local.set $fill (i32.add (local.get $fill) (i32.const 32)))
      (br_if $samples
        (i32.lt_u (local.tee $rows (i32.add (local.get $rows) (i32.const 8))) (local.get $sample_end))))))
