/**
 * Values to bytes and back. Receives bytes from {@code wire}, hands values to it.
 *
 * <p>{@link dev.sente.packer.Packer} is open: an application may bring its own format.
 */
@NullMarked
package dev.sente.packer;

import org.jspecify.annotations.NullMarked;
