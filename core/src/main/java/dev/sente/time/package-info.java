/** Time and scheduling, passed in from outside so that tests run days in milliseconds. */
@NullMarked
package dev.sente.time;

import org.jspecify.annotations.NullMarked;
