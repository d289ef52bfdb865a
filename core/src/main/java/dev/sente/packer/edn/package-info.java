/**
 * The edn format, written and read as Clojure does. Receives values and bytes from {@code packer}'s
 * callers; knows nothing of frames.
 */
@NullMarked
package dev.sente.packer.edn;

import org.jspecify.annotations.NullMarked;
