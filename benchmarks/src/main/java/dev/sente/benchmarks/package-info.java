/**
 * JMH benchmarks. {@link dev.sente.benchmarks.PackerTable} runs those of the packers and prints
 * them as a table, {@link dev.sente.benchmarks.InnerTable} those of the server's pieces. The
 * servers as a whole are measured by what is in {@code run}, {@code load} and {@code subject}.
 */
@NullMarked
package dev.sente.benchmarks;

import org.jspecify.annotations.NullMarked;
