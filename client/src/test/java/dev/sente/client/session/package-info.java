/** The session by itself, in virtual time. */
@NullMarked
package dev.sente.client.session;

import org.jspecify.annotations.NullMarked;
