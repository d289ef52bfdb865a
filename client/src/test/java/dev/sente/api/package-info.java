/** The public API of every module, as text. */
@NullMarked
package dev.sente.api;

import org.jspecify.annotations.NullMarked;
