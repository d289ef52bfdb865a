/**
 * What is true of all modules together. Stands in the adapter's tests since they see all modules.
 */
@NullMarked
package dev.sente.architecture;

import org.jspecify.annotations.NullMarked;
