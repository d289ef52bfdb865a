/**
 * The JSON format, by Jackson. Receives values and bytes from {@code packer}'s callers; knows
 * nothing of frames.
 */
@NullMarked
package dev.sente.packer.json;

import org.jspecify.annotations.NullMarked;
