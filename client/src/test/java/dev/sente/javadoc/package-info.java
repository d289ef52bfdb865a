/** What the modules' documentation must be: there, and its examples such that they compile. */
@NullMarked
package dev.sente.javadoc;

import org.jspecify.annotations.NullMarked;
