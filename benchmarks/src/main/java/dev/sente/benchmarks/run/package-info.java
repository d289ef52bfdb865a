/**
 * What {@code ./sente bench} does: starts subjects, has the driver load them by turns, and tells
 * what it cost.
 */
@NullMarked
package dev.sente.benchmarks.run;

import org.jspecify.annotations.NullMarked;
