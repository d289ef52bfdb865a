/**
 * The MessagePack format with the extensions of Clojure's Sente. Receives values and bytes from
 * {@code packer}'s callers; knows nothing of frames.
 */
@NullMarked
package dev.sente.packer.msgpack;

import org.jspecify.annotations.NullMarked;
