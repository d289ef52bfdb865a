/**
 * Thousands of runs of whole servers and clients in virtual time, with faults, each run the same
 * for the same seed. Receives a seed, hands back nothing or what went wrong and how it came to
 * that.
 */
@NullMarked
package dev.sente.testkit.simulation;

import org.jspecify.annotations.NullMarked;
