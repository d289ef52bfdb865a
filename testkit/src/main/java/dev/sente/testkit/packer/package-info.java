/**
 * The kit that every packer passes. Receives a packer, hands it values and bytes as friends and
 * foes would.
 */
@NullMarked
package dev.sente.testkit.packer;

import org.jspecify.annotations.NullMarked;
