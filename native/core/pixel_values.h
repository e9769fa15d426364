#pragma once

#include "core/vision_config.h"

#include <array>
#include <cstdint>
#include <span>

namespace longlens {

/// Turns RGB bytes into the values that the tower reads, bit for bit as the official code does
/// (LONGLLAVA-FORMAT section 5: byte * (1/255) in double, rounded to fp32, then (x - mean) / std in fp32).
///
/// Two layouts. Official: [n, 3, side, side]. Unfolded, the right-hand side of the patch convolution seen as a
/// matrix product: [n, n_positions, row], where a row is one patch as [3, patch, patch] followed by zeros up to
/// `row_length`; the class position, if there is one, comes first and is all zeros.
class PixelValues {
public:
    PixelValues(const VisionConfig & config, int64_t row_length);

    /// pixels: [n, side, side, 3]. values: [n, 3, side, side].
    void normalise(std::span<const uint8_t> pixels, std::span<float> values) const;

    /// pixels: [n, side, side, 3]. rows: [n, n_positions, row_length].
    void unfold_pixels(std::span<const uint8_t> pixels, std::span<float> rows) const;

    /// values: [n, 3, side, side]. rows: [n, n_positions, row_length].
    void unfold_values(std::span<const float> values, std::span<float> rows) const;

private:
    VisionConfig config_;
    int64_t row_length_;

    std::array<std::array<float, 256>, 3> table_ = {}; // value of each byte, by channel
};

} // namespace longlens
