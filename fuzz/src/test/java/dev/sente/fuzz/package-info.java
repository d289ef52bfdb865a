/**
 * Bytes of strangers, made up with coverage in view, for everything that reads such. {@link
 * dev.sente.fuzz.Target} says what is fuzzed, {@link dev.sente.fuzz.Property} what must hold, and
 * {@link dev.sente.fuzz.GuidedFuzzTest} runs jazzer on it.
 */
@NullMarked
package dev.sente.fuzz;

import org.jspecify.annotations.NullMarked;
