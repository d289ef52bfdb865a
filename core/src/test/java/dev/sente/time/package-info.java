/** Tests of time. */
@NullMarked
package dev.sente.time;

import org.jspecify.annotations.NullMarked;
