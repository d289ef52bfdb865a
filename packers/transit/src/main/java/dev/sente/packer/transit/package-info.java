/**
 * The Transit format, by Cognitect's transit-java. Receives values and bytes from {@code packer}'s
 * callers; knows nothing of frames.
 */
@NullMarked
package dev.sente.packer.transit;

import org.jspecify.annotations.NullMarked;
