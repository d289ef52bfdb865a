/**
 * JMH benchmarks. {@link dev.sente.benchmarks.PackerTable} runs those of the packers and prints
 * them as a table.
 */
@NullMarked
package dev.sente.benchmarks;

import org.jspecify.annotations.NullMarked;
