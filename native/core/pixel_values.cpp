#include "core/pixel_values.h"

#include <algorithm>

namespace longlens {

namespace {

/// Calls write(row, image, channel, y, x_of_patch) for each run of `patch_size` values that are neighbours both in
/// the picture and in an unfolded row.
template <typename WriteRun>
void for_each_run(const VisionConfig & config, int64_t n_images, int64_t row_length, std::span<float> rows,
                  WriteRun && write) {
    const int64_t patch = config.patch_size;
    std::fill(rows.begin(), rows.end(), 0.0f);
    float * row = rows.data();
    for (int64_t image = 0; image < n_images; image++) {
        row += config.n_class() * row_length;
        for (int64_t patch_y = 0; patch_y < config.grid(); patch_y++) {
            for (int64_t patch_x = 0; patch_x < config.grid(); patch_x++, row += row_length) {
                for (int64_t channel = 0; channel < 3; channel++) {
                    for (int64_t y = 0; y < patch; y++) {
                        write(row + (channel * patch + y) * patch, image, channel, patch_y * patch + y,
                              patch_x * patch);
                    }
                }
            }
        }
    }
}

} // namespace

PixelValues::PixelValues(const VisionConfig & config, int64_t row_length) : config_(config), row_length_(row_length) {
    for (size_t channel = 0; channel < 3; channel++) {
        for (size_t byte = 0; byte < 256; byte++) {
            const auto rescaled = static_cast<float>(static_cast<double>(byte) * (1.0 / 255.0));
            table_[channel][byte] = (rescaled - config.image_mean[channel]) / config.image_std[channel];
        }
    }
}

void PixelValues::normalise(std::span<const uint8_t> pixels, std::span<float> values) const {
    const size_t plane = static_cast<size_t>(config_.image_size * config_.image_size);
    const size_t n_images = pixels.size() / (3 * plane);
    for (size_t image = 0; image < n_images; image++) {
        const uint8_t * from = pixels.data() + image * 3 * plane;
        float * to = values.data() + image * 3 * plane;
        for (size_t channel = 0; channel < 3; channel++) {
            for (size_t i = 0; i < plane; i++) {
                to[channel * plane + i] = table_[channel][from[3 * i + channel]];
            }
        }
    }
}

void PixelValues::unfold_pixels(std::span<const uint8_t> pixels, std::span<float> rows) const {
    const int64_t side = config_.image_size;
    const int64_t n_images = static_cast<int64_t>(pixels.size()) / config_.n_pixel_values();
    for_each_run(config_, n_images, row_length_, rows,
                 [&](float * to, int64_t image, int64_t channel, int64_t y, int64_t x) {
                     const uint8_t * from = pixels.data() + ((image * side + y) * side + x) * 3 + channel;
                     const auto & table = table_[static_cast<size_t>(channel)];
                     for (int64_t i = 0; i < config_.patch_size; i++) {
                         to[i] = table[from[3 * i]];
                     }
                 });
}

void PixelValues::unfold_values(std::span<const float> values, std::span<float> rows) const {
    const int64_t side = config_.image_size;
    const int64_t n_images = static_cast<int64_t>(values.size()) / config_.n_pixel_values();
    for_each_run(config_, n_images, row_length_, rows,
                 [&](float * to, int64_t image, int64_t channel, int64_t y, int64_t x) {
                     const float * from = values.data() + ((image * 3 + channel) * side + y) * side + x;
                     std::copy_n(from, config_.patch_size, to);
                 });
}

} // namespace longlens
