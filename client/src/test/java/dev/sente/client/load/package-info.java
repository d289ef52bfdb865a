/** What many clients in one process cost. */
@NullMarked
package dev.sente.client.load;

import org.jspecify.annotations.NullMarked;
