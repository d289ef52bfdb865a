/** Events and the values they carry. */
@NullMarked
package dev.sente.event;

import org.jspecify.annotations.NullMarked;
