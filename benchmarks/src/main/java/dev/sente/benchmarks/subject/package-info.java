/** Servers to be measured that run on the JVM, each a process with a console of commands. */
@NullMarked
package dev.sente.benchmarks.subject;

import org.jspecify.annotations.NullMarked;
